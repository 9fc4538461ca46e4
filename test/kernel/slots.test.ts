import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Slots } from '../../src/kernel/slots.js';
import fc from '../rig/properties.js';

const anyStep = fc.record({
  what: fc.constantFrom('take', 'take', 'free', 'restore'),
  session: fc.nat(20).map((n) => `s${n}`),
  index: fc.nat(12),
});

test('no two sessions have one index, and the one that rested longest is given first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.nat(40),
      fc.array(anyStep, { maxLength: 80 }),
      (most, after, steps) => {
        const slots = new Slots(most, after);
        const held = new Map<string, number>();
        /** When an index was given back; those that nobody had have rested longest. */
        const since = new Map(Array.from({ length: most }, (_, i) => [i + 1, 0]));
        for (const [now, { what, session, index }] of steps.entries()) {
          if (what === 'take') {
            const had = held.get(session);
            const got = slots.take(session);
            if (had !== undefined) assert.is(got, had);
            if (had !== undefined || got === undefined) {
              assert.ok(had !== undefined || held.size === most, 'none is given only when all are taken');
              continue;
            }
            const rest = since.get(got);
            assert.ok(rest !== undefined && rest <= Math.min(...since.values()), 'the longest rest');
            held.set(session, got);
            since.delete(got);
          } else if (what === 'free') {
            slots.free(session);
            if (held.has(session)) since.set(held.get(session)!, now + 1);
            held.delete(session);
          } else if (since.has(index) && !held.has(session)) {
            slots.restore(index, session);
            held.set(session, index);
            since.delete(index);
          } else slots.restore(index, session);
          for (const [id, at] of held) assert.is(slots.idOf(at), id);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.run();
