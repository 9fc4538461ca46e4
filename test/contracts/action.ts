// What anybody may do to the escrow, drawn at random.
import fc from '../rig/properties.js';

/** Two buyers, two sellers and a stranger: indices of `people` of the play. */
const person = fc.nat(4);
const index = fc.nat(1000);
const deposit = fc.bigInt({ min: 1n, max: 300n });
const units = fc.bigInt({ min: 0n, max: 40n });

/** A call by anybody, good or bad. */
export const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      by: fc.nat(1),
      to: person,
      deposit,
      price: fc.bigInt({ min: 0n, max: 4n }),
      hours: fc.nat(3),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('sign' as const),
      by: person,
      at: index,
      units,
      /** Mostly none: only then is it good for `consumeUnits`. */
      jump: fc.oneof({ weight: 3, arbitrary: fc.constant(0n) }, fc.bigInt({ min: -3n, max: 3n })),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('consume' as const),
      by: person,
      which: index,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), by: person, at: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('closeSigned' as const),
      by: person,
      signer: person,
      at: index,
      off: fc.bigInt({ min: 0n, max: 1n }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('name' as const),
      method: fc.constantFrom('consumeUnitsAt' as const, 'closeSessionAt' as const),
      by: person,
      /** Mostly the seller. */
      signer: fc.nat(14),
      which: index,
      share: fc.bigInt({ min: 0n, max: 110n }),
      off: fc.nat(6),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('requestClose' as const), by: person, at: index }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('block' as const), who: fc.nat(3), on: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), by: person, who: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 10, max: 90 }) }),
  },
);
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
export type Of<K extends Action['do']> = Extract<Action, { do: K }>;
