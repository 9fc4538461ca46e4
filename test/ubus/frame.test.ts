import { isDeepStrictEqual } from 'node:util';
import {
  attr,
  attributes,
  BlobWriter,
  blobType,
  decodeFrame,
  decodeHead,
  decodeTable,
  encodeFields,
  encodeFrame,
  encodeTable,
  type Frame,
  FrameSplitter,
  longestMessage,
  messageType,
  rawOf,
  readFields,
  textOf,
  WireError,
} from 'openwrt-ubus/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from '../rig/properties.js';
import { recordedFrames, recordedSession } from './frames.js';

const all = [...recordedSession().map((r) => r.bytes), ...recordedFrames()];

/** Decodes to the last value and encodes anew. */
function again(bytes: Buffer): Buffer {
  const { type, seq, peer, attributes: list } = decodeFrame(bytes);
  return encodeFrame(type, seq, peer, (w) => {
    for (const { id, payload } of list) {
      w.putRaw(id, id === attr.data || id === attr.signature ? contentAgain(payload) : payload);
    }
  });
}

/** A table; or the bare attributes that the monitor is called with. */
function contentAgain(payload: Buffer): Buffer {
  const list = attributes(payload);
  if (list.every((a) => a.extended)) return encodeFields(readFields(payload));
  const writer = new BlobWriter();
  for (const { id, payload: content } of list) writer.putRaw(id, content);
  return writer.finish();
}

function copyOf(frame: Frame): Frame {
  const list = frame.attributes.map((a) => ({ ...a, payload: Buffer.from(a.payload) }));
  return { ...frame, attributes: list };
}

test('every recorded frame decodes, and encodes back to the same bytes', () => {
  assert.ok(all.length > 150, String(all.length));
  for (const bytes of all) assert.is(again(bytes).toString('hex'), bytes.toString('hex'));
});

test('the recorded call of echo has the values that were sent', () => {
  const sent = {
    text: 'héllo 😀',
    count: -5,
    ratio: 0.5,
    flag: true,
    list: [1, 'two', 3.5, null, { a: [] }],
    table: { x: 9007199254740993n, y: -2147483648, z: 2147483648 },
  };
  const calls = recordedSession()
    .map((r) => decodeFrame(r.bytes))
    .filter((f) => f.type === 5 && textOf(f, attr.method) === 'echo')
    .map((f) => decodeTable(rawOf(f, attr.data)!));
  assert.ok(calls.some((args) => args.text === sent.text));
  assert.equal(
    calls.find((args) => args.text === sent.text),
    sent,
  );
});

test('the recorded notification has whole numbers beyond 2^53', () => {
  const notes = recordedSession()
    .map((r) => decodeFrame(r.bytes))
    .filter((f) => textOf(f, attr.method) === 'tick')
    .map((f) => decodeTable(rawOf(f, attr.data)!));
  assert.ok(notes.length >= 2);
  for (const note of notes) {
    assert.equal(note, { n: 9007199254740993n, big: -9223372036854775807n, pi: 314159 / 100000 });
  }
});

test('a stream cut at every byte gives the same messages', () => {
  const small = all.filter((b) => b.length < 2000);
  const stream = Buffer.concat(small);
  const split = (cuts: number[]): Frame[] => {
    const splitter = new FrameSplitter();
    const frames: Frame[] = [];
    let from = 0;
    for (const to of [...cuts, stream.length]) {
      splitter.feed(stream.subarray(from, to), (m) => frames.push(copyOf(decodeFrame(m))));
      from = to;
    }
    return frames;
  };
  const whole = split([]);
  assert.is(whole.length, small.length);
  const each = split(Array.from({ length: stream.length - 1 }, (_, i) => i + 1));
  assert.equal(each, whole, 'byte by byte');
  for (let cut = 1; cut < stream.length; cut += 7) assert.is(split([cut]).length, whole.length);
});

test('100,000 random and mutated frames end in messages or in a WireError', () => {
  let seed = 20_260_101;
  const random = (n: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % n;
  };
  const small = all.filter((b) => b.length < 600);
  const before = process.memoryUsage().rss;
  let errors = 0;
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(small[random(small.length)]!);
    for (let m = 1 + random(4); m > 0; m--) bytes[random(bytes.length)] = random(256);
    const cut = random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    try {
      new FrameSplitter().feed(cut, (message) => {
        const frame = decodeFrame(message);
        for (const id of [attr.data, attr.signature]) {
          const payload = rawOf(frame, id);
          if (payload) decodeTable(payload);
        }
        textOf(frame, attr.method);
      });
    } catch (cause) {
      assert.instance(cause, WireError);
      errors += 1;
    }
  }
  assert.ok(errors > 1000, String(errors));
  const grown = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grown < 200, `${grown} MB`);
});

test('any table comes back as it was', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0')),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0')),
    fc.constantFrom('__proto__', 'constructor', ''),
  );
  const { table } = fc.letrec((tie) => ({
    table: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    value: fc.oneof({ depthSize: 'small' }, leaf, tie('table'), fc.array(tie('value'), { maxLength: 4 })),
  }));
  /** Whole numbers come back in the smallest form that holds them. */
  const normal = (v: unknown): unknown => {
    if (typeof v === 'bigint') return Number.isSafeInteger(Number(v)) ? Number(v) : v;
    if (Array.isArray(v)) return v.map(normal);
    if (typeof v !== 'object' || v === null) return v;
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, normal(x)]));
  };
  fc.assert(
    fc.property(table, (value) => {
      const bytes = encodeTable(value as Record<string, unknown>);
      // uvu's comparison trips over a field that is named `constructor`.
      assert.ok(isDeepStrictEqual(decodeTable(bytes), normal(value)));
      assert.is(encodeFields(readFields(bytes)).toString('hex'), bytes.toString('hex'));
      assert.is(({} as Record<string, unknown>).polluted, undefined);
    }),
    { numRuns: 500 },
  );
});

test('64-bit numbers keep every bit', () => {
  for (const n of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 53n) - 1n]) {
    assert.equal(decodeTable(encodeTable({ n })), { n });
  }
  assert.equal(decodeTable(encodeTable({ n: 2 ** 31, m: -(2 ** 31) - 1, k: -0 })), {
    n: 2 ** 31,
    m: -(2 ** 31) - 1,
    k: -0,
  });
});

test('what ubus has no type for is refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, () => 0, Symbol('x')]) {
    assert.throws(
      () => encodeTable({ value }),
      (e: unknown) => e instanceof WireError,
    );
  }
  assert.equal(decodeTable(encodeTable({ a: undefined, b: 1 })), { b: 1 });
});

test('of a repeated name the first counts, and deep nesting has an end', () => {
  const twice = Buffer.concat([encodeTable({ a: 1 }), encodeTable({ a: 2 })]);
  assert.equal(decodeTable(twice), { a: 1 });
  let deep: Record<string, unknown> = {};
  for (let i = 0; i < 100; i++) deep = { deep };
  assert.throws(
    () => encodeTable(deep),
    (e: unknown) => e instanceof WireError && e.code === 'too_deep',
  );
  let bytes: Buffer = Buffer.alloc(0);
  for (let i = 0; i < 100; i++) {
    const writer = new BlobWriter();
    const at = writer.open(blobType.table, true);
    writer.raw(Buffer.from([0, 0, 0, 0]));
    writer.raw(bytes);
    writer.close(at);
    bytes = writer.finish();
  }
  assert.throws(
    () => decodeTable(bytes),
    (e: unknown) => e instanceof WireError && e.code === 'too_deep',
  );
});

/** A message with one attribute whose outer attribute has just `size` bytes. */
function ofSize(size: number): Buffer {
  return encodeFrame(messageType.data, 1, 0, (w) => w.putRaw(attr.data, Buffer.alloc(size - 8)));
}

test('a message may have 1 MiB without its header, as ubusd counts', () => {
  const longest = ofSize(longestMessage);
  assert.is(longest.length, 1024 * 1024 + 8);
  let found = 0;
  new FrameSplitter().feed(longest, (message) => {
    found = message.length;
  });
  assert.is(found, longest.length);
  const isTooLarge = (e: unknown) => e instanceof WireError && e.code === 'too_large';
  assert.throws(() => ofSize(longestMessage + 4), isTooLarge);
  const longer = Buffer.from(longest);
  longer.writeUInt32BE(longestMessage + 1, 8);
  assert.throws(() => new FrameSplitter().feed(longer, () => {}), isTooLarge, 'its padding counts');
});

test('the message after one whose outer attribute is not padded is read, as libubus reads it', () => {
  const odd = Buffer.concat([
    encodeFrame(messageType.status, 7, 0, (w) => w.putInt(attr.status, 0)),
    Buffer.of(0),
  ]);
  odd.writeUInt32BE(odd.length - 8, 8);
  const next = encodeFrame(messageType.status, 8, 0, (w) => w.putInt(attr.status, 4));
  const seen: number[] = [];
  new FrameSplitter().feed(Buffer.concat([odd, next]), (message) => seen.push(decodeHead(message).seq));
  assert.equal(seen, [7, 8]);
});

test.run();
