import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leastMaskBits, Marks } from '../../src/kernel/marks.js';
import fc from '../rig/properties.js';

const bitsOf = (mask: number) =>
  Array.from({ length: 32 }, (_, i) => 2 ** i).filter((bit) => (mask & bit) !== 0);
/** Masks with enough bits, wherever they are, the highest of all too. */
const anyMask = fc
  .uniqueArray(fc.nat(31), { minLength: leastMaskBits, maxLength: 32 })
  .map((places) => places.reduce((mask, place) => mask + 2 ** place, 0));
const anyMarks = anyMask.map((mask) => ({ mask, marks: new Marks(mask) }));
/** All of a group's bits that an index has, as its chains set them one after the other. */
const composed = (marks: Marks, index: number) =>
  marks
    .steps(index)
    .map(([map, chain]) => marks.groups.find((group) => group.map === map)!.chains.get(chain)!);

test('every session has a mark of its own, and none has that of connections that need none', () => {
  fc.assert(
    fc.property(anyMarks, fc.nat(), fc.nat(), ({ marks }, a, b) => {
      const [one, other] = [(a % marks.most) + 1, (b % marks.most) + 1];
      assert.is(marks.of(one) === marks.of(other), one === other);
      assert.is.not(marks.of(one), marks.free);
      assert.is.not(marks.of(one), marks.dead);
    }),
  );
  const small = new Marks(0xff);
  assert.is(small.most, 127);
  const all = Array.from({ length: small.most }, (_, i) => small.of(i + 1));
  assert.is(new Set([...all, small.free, 0]).size, small.most + 2);
});

test('bits outside the mask stay as they are', () => {
  fc.assert(
    fc.property(anyMarks, fc.nat(), ({ mask, marks }, n) => {
      const taken = new Set(bitsOf(mask));
      assert.ok(bitsOf(marks.mask).every((bit) => taken.has(bit)));
      for (const mark of [
        marks.of((n % marks.most) + 1),
        marks.free,
        ...marks.groups.flatMap((g) => [...g.chains.values()]),
      ]) {
        assert.ok(
          bitsOf(mark).every((bit) => taken.has(bit)),
          `0x${mark.toString(16)} in 0x${mask.toString(16)}`,
        );
      }
    }),
  );
});

test('the steps of the look-up add up to the mark, and it is complete with the last one only', () => {
  fc.assert(
    fc.property(anyMarks, fc.nat(), ({ marks }, n) => {
      const index = (n % marks.most) + 1;
      const parts = composed(marks, index);
      assert.is(
        parts.reduce((all, bits) => all + bits, 0),
        marks.of(index),
      );
      const isComplete = (bits: number) => bitsOf(bits).includes(marks.free);
      assert.equal(
        parts.map(isComplete),
        parts.map((_, at) => at === parts.length - 1),
      );
    }),
  );
});

test('a whole mask has room for 32,767 sessions, found in three steps', () => {
  const marks = new Marks(2 ** 32 - 1);
  assert.is(marks.most, 32_767);
  assert.is(marks.groups.length, 3);
  assert.ok(marks.groups.every(({ chains }) => chains.size <= 32));
});

test.run();
