import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dictionary } from '../../src/store/dictionary.js';
import { encodeFrame, frameHeaderSize, frameKind, walkFrames } from '../../src/store/frame.js';
import { encodeFileHeader, hasFileHeader } from '../../src/store/header.js';
import { formatName, parseName } from '../../src/store/names.js';
import { decodePayload, deflatePayload, encodePayload, packPayload } from '../../src/store/payload.js';
import { noise } from '../rig/noise.js';
import fc from '../rig/properties.js';

const record = (seq: number, text: string) => encodeFrame(frameKind.record, seq, Buffer.from(text));

function walk(bytes: Buffer, last = 0): string[] {
  return [...walkFrames(bytes, 0, last)].map((f) =>
    'kind' in f ? `${f.seq}:${f.payload.toString('latin1')}` : `damage ${f.start}-${f.end}`,
  );
}

test('frames are read back as they were written', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 12 });
  fc.assert(
    fc.property(payloads, fc.integer({ min: 0, max: 2 ** 47 }), (list, last) => {
      const bytes = Buffer.concat(list.map((p, i) => encodeFrame(frameKind.record, last + 1 + i, p)));
      const read = [...walkFrames(bytes, 0, last)].map((f) => ('kind' in f ? [...f.payload] : 'damage'));
      assert.equal(
        read,
        list.map((p) => [...p]),
      );
    }),
  );
});

test('a stream cut at any byte gives the whole frames and the rest as damage', () => {
  const frames = [record(1, 'one'), record(2, ''), record(3, 'three')];
  const bytes = Buffer.concat(frames);
  const ends = [0, 19, 19 + 16, bytes.length];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const found = [...walkFrames(bytes.subarray(0, cut), 0, 0)];
    const whole = ends.filter((end) => end > 0 && end <= cut).length;
    assert.is(found.filter((f) => 'kind' in f).length, whole);
    const rest = found.find((f) => !('kind' in f));
    assert.equal(rest, cut > ends[whole]! ? { start: ends[whole], end: cut } : undefined);
  }
});

test('any change of a byte is damage to the frame that it is in, and to no other', () => {
  const frames = [record(1, 'one'), record(2, 'two!'), record(3, 'three')];
  const bytes = Buffer.concat(frames);
  for (let at = 0; at < bytes.length; at++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= change;
      const hit = at < 19 ? 0 : at < 19 + 20 ? 1 : 2;
      const expected = ['1:one', '2:two!', '3:three'];
      const start = [0, 19, 39][hit]!;
      expected[hit] = `damage ${start}-${start + frames[hit]!.length}`;
      assert.equal(walk(copy), expected);
    }
  }
});

test('a frame inside the payload of a damaged one is not taken for a frame', () => {
  const bait = Buffer.concat([Buffer.alloc(40), record(9, 'bait')]);
  const bytes = Buffer.concat([encodeFrame(frameKind.record, 1, bait), record(2, 'two')]);
  bytes[frameHeaderSize]! ^= 1;
  assert.equal(walk(bytes), [`damage 0-${bytes.length - 19}`, '2:two']);
});

test('a frame whose number does not follow is damage', () => {
  assert.equal(walk(Buffer.concat([record(1, 'one'), record(1, 'again')])), ['1:one', 'damage 19-40']);
  assert.equal(walk(Buffer.concat([record(1, 'one'), record(7, 'seven')])), ['1:one', 'damage 19-40']);
});

test('random bytes are damage, and end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
      const found = walk(Buffer.from(noise));
      assert.equal(found, noise.length > 0 ? [`damage 0-${noise.length}`] : []);
    }),
  );
});

test('a file header fits its own type and number alone', () => {
  const header = encodeFileHeader(1, 42);
  assert.ok(hasFileHeader(header, 1, 42));
  assert.not(hasFileHeader(header, 2, 42));
  assert.not(hasFileHeader(header, 1, 43));
  for (let at = 0; at < header.length; at++) {
    const copy = Buffer.from(header);
    copy[at]! ^= 0x10;
    assert.not(hasFileHeader(copy, 1, 42));
  }
});

test('file names are read back, and other names are not', () => {
  const name = { kind: 'snapshot', number: 255, seq: 2 ** 40 } as const;
  assert.is(formatName(name), 'snapshot-000000ff-010000000000');
  assert.equal(parseName(formatName(name)), name);
  for (const other of ['lock', 'snapshot-000000ff-010000000000.new', 'damaged-journal-1', 'journal-1-1']) {
    assert.is(parseName(other), undefined);
  }
});

test('plain data is the same after MessagePack', () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
  );
  const key = fc.string().filter((k) => k !== '__proto__');
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(tree, (data) => assert.equal(decodePayload(encodePayload(data)), data)));
});

test('what is deflated stays readable: the dictionary is the one that journals were written with', () => {
  const sum = createHash('sha256').update(dictionary).digest('hex');
  assert.is(sum, '4719c39f7b20296d8f8383bd6ed504e5db38ac1725db39b58f81fd5a24a9bd52');
  const long = { t: 'session', text: 'again and again '.repeat(100) };
  assert.ok(encodePayload(long).length < 100);
  assert.equal(decodePayload(encodePayload(long)), long);
});

test('a snapshot deflated on another thread reads the same', async () => {
  for (const data of [{}, { text: 'again and again '.repeat(10_000) }, { noise: noise(5000) }]) {
    assert.equal(decodePayload(await deflatePayload(packPayload(data))), data);
  }
});

test.run();
