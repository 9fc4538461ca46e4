// Whether two requests under one key are the same.
import { inspect, isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/engine/digest.js';
import fc from '../rig/properties.js';

/** Of the letters that JSON itself is made of: what is nearly the same comes up. */
const text = fc.string({ unit: fc.constantFrom(...'a1n,:"{}[]'), maxLength: 3 });

/** Plain data as requests have it. */
const plain = fc.letrec((tie) => ({
  any: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.bigInt(), tie('list'), tie('table')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  table: fc.dictionary(text, tie('any'), { maxKeys: 4, noNullPrototype: true }),
})).any;

/** The same with the members of every object in the other order, and some that are not there. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries([...members.map(([name, v]) => [name, turned(v)]), ['not there', undefined]]);
}

test('the order of members is no part of a request, nor is what is not there', () => {
  fc.assert(fc.property(plain, (value) => assert.is(digestOf(turned(value)), digestOf(value))));
});

test('whatever else differs makes another request', () => {
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      assert.is(digestOf(a) === digestOf(b), isDeepStrictEqual(a, b));
    }),
    { numRuns: 2_000 },
  );
  const pairs: [unknown, unknown][] = [
    [1, '1'],
    [1n, 1],
    [null, 'null'],
    [[], {}],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [['ab'], ['a', 'b']],
    [
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ],
    [{ a: { b: 1 } }, { a: {}, b: 1 }],
    [{ a: null }, {}],
  ];
  for (const [a, b] of pairs) assert.is.not(digestOf(a), digestOf(b), inspect([a, b]));
});

test.run();
