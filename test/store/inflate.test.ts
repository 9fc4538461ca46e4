import { deflateRawSync, inflateRawSync, constants as zlib } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dictionary } from '../../src/store/dictionary.js';
import { SmallInflate } from '../../src/store/inflate.js';
import { noise } from '../rig/noise.js';
import fc from '../rig/properties.js';

const small = new SmallInflate(dictionary);
const fixed = { dictionary, level: 9, strategy: zlib.Z_FIXED };

function inflated(bytes: Buffer): Buffer | undefined {
  const found = small.inflate(bytes, 0);
  return found && Buffer.from(found.bytes.subarray(found.start, found.end));
}

function byZlib(bytes: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(bytes, { dictionary });
  } catch {
    return undefined;
  }
}

/** Texts as records have them: words of the dictionary, new ones, and runs. */
const pieces = fc.oneof(
  fc
    .tuple(fc.nat(dictionary.length - 1), fc.nat(300))
    .map(([at, size]) => dictionary.subarray(at, at + size)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, size]) => Buffer.alloc(size, byte)),
);
const plain = fc.array(pieces, { maxLength: 8 }).map((parts) => Buffer.concat(parts));

test('what zlib deflates with the fixed code is inflated to the same bytes', () => {
  fc.assert(
    fc.property(plain, (bytes) => assert.equal(inflated(deflateRawSync(bytes, fixed)), bytes)),
    { numRuns: 500 },
  );
});

test('what zlib deflates as it likes is inflated to the same bytes or left to it', () => {
  fc.assert(
    fc.property(plain, (bytes) => {
      const found = inflated(deflateRawSync(bytes, { dictionary, level: 9 }));
      if (found) assert.equal(found, bytes);
    }),
  );
});

test('a short record is not left to zlib', () => {
  const record = dictionary.subarray(-400);
  assert.equal(inflated(deflateRawSync(record, { dictionary, level: 9 })), record);
});

test('whatever bits are flipped or cut off, it says what zlib says or nothing', () => {
  const whole = deflateRawSync(Buffer.concat([dictionary.subarray(-300), Buffer.from(noise(60))]), fixed);
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const found = inflated(flipped);
    if (found) assert.equal(found, byZlib(flipped));
  }
  for (let size = 0; size < whole.length; size++) assert.is(inflated(whole.subarray(0, size)), undefined);
});

test('any bytes at all are inflated as zlib does it or left to it', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((given) => {
    const one = Buffer.from(given);
    one[0] = (one[0]! & ~7) | 3;
    return one;
  });
  fc.assert(
    fc.property(bytes, (given) => {
      const found = inflated(given);
      if (found) assert.equal(found, byZlib(given));
    }),
    { numRuns: 3000 },
  );
});

test('bytes behind the end are no part of it', () => {
  const whole = deflateRawSync(dictionary.subarray(-300), fixed);
  assert.is(inflated(Buffer.concat([whole, Buffer.alloc(1)])), undefined);
});

test('what grows beyond its room is left to zlib', () => {
  assert.is(inflated(deflateRawSync(Buffer.alloc(1024 * 1024, 'a'), fixed)), undefined);
});

test.run();
