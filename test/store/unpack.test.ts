import { Packr } from 'msgpackr/pack';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePayload, encodePayload } from '../../src/store/payload.js';
import { Unpacker } from '../../src/store/unpack.js';
import { heapUsed } from '../rig/heap.js';
import fc from '../rig/properties.js';
import { until } from '../rig/until.js';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpacker = new Unpacker();

/** In the middle of other bytes, as it stands behind the dictionary. */
function unpack(bytes: Buffer): { readonly value: unknown } | undefined {
  const around = Buffer.concat([Buffer.alloc(7, 0xa1), bytes, Buffer.alloc(300, 0xa1)]);
  return unpacker.unpack(around, 7, 7 + bytes.length);
}

function byLibrary(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: packr.unpack(Buffer.from(bytes)) };
  } catch {
    return undefined;
  }
}

const leaf = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('cash', 'time', 'active', 'ünï', '', 'a'.repeat(70_000)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const key = fc
  .oneof(fc.string({ maxLength: 20 }), fc.constantFrom('id', 'up', 'lots'))
  .filter((name) => name !== '__proto__');
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 20 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 20, noNullPrototype: true }),
  ),
}));

test('plain data is read as the library reads it', () => {
  fc.assert(
    fc.property(tree, (data) => {
      const bytes = packr.pack(data);
      const found = unpack(bytes);
      // Byte arrays of the library alias what they were read from, so they are of its class.
      assert.equal(packr.pack(found?.value), packr.pack(packr.unpack(Buffer.from(bytes))));
    }),
    { numRuns: 500 },
  );
});

test('long lists and maps are read whole', () => {
  const list = Array.from({ length: 70_000 }, (_, n) => n);
  const map = Object.fromEntries(list.map((n) => [`k${n}`, n]));
  assert.equal(unpack(packr.pack({ list, map }))?.value, { list, map });
});

test('whatever bits are flipped or cut off, it says what the library says or nothing', () => {
  const whole = packr.pack({
    id: 's1',
    at: 1.8e12,
    lots: [{ plan: 'day', steps: 3, paid: null }],
    low: false,
    n: -5,
  });
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const found = unpack(flipped);
    if (found) assert.equal(found, byLibrary(flipped));
  }
  for (let size = 0; size < whole.length; size++) assert.is(unpack(whole.subarray(0, size)), undefined);
});

test('any bytes at all are read as the library does it or left to it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
      const found = unpack(Buffer.from(given));
      if (found) assert.equal(packr.pack(found.value), packr.pack(byLibrary(Buffer.from(given))?.value));
    }),
    { numRuns: 3000 },
  );
});

test('a string is never taken for another one that was read before it', () => {
  const words = Array.from({ length: 20_000 }, (_, n) => `w${n % 7000}x${n % 13}`);
  for (const word of words) assert.is(unpack(packr.pack(word))?.value, word);
});

test('what is not plain is left to the library', () => {
  const date = new Date(0);
  for (const data of [date, undefined, 2n ** 40n, new Map([[1, 2]])])
    assert.is(unpack(packr.pack(data)), undefined);
  assert.equal(decodePayload(encodePayload({ date, gone: undefined })), { date, gone: undefined });
});

test('a map says nothing of the prototype', () => {
  const bytes = Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x61, 0x01]);
  assert.is(unpack(bytes), undefined);
  assert.is((decodePayload(bytes) as { a?: number }).a, undefined);
});

test('what was read is not kept: a snapshot is large', async () => {
  const unpackers = Array.from({ length: 10 }, () => new Unpacker());
  const refs = unpackers.map((one) => {
    const bytes = Buffer.from(new Uint8Array(packr.pack(['session', 1])).buffer);
    assert.equal(one.unpack(bytes, 0, bytes.length)?.value, ['session', 1]);
    return new WeakRef(bytes);
  });
  await until('it is collected', () => {
    heapUsed();
    return refs.some((ref) => ref.deref() === undefined);
  });
  assert.ok(unpackers.every((one) => one.unpack(Buffer.of(1), 0, 1)));
});

test('byte arrays stay as they are when the next record is read', () => {
  const text = 'session '.repeat(20);
  const first = decodePayload(encodePayload({ text, bytes: Buffer.from('first') })) as { bytes: Uint8Array };
  decodePayload(encodePayload({ text, bytes: Buffer.from('other') }));
  assert.is(Buffer.from(first.bytes).toString(), 'first');
});

test.run();
