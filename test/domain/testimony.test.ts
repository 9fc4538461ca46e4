import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Caps, countedOf } from '../../src/domain/hold.js';
import { testified } from '../../src/domain/testimony.js';
import fc from '../rig/properties.js';

const amount = fc.nat(5_000);
const counted = fc.record({ up: amount, down: amount });
const caps = fc.record({ total: amount, up: amount, down: amount }, { requiredKeys: [] });
const pace = fc.record({ up: fc.nat(40), down: fc.nat(40) }, { requiredKeys: [] });
const hold = fc.record({ caps, pace });
const testimony = fc.record({ counted, moved: counted, sinceMs: fc.nat(2_000) });
const kinds: readonly (keyof Caps)[] = ['total', 'up', 'down'];

test('what is known stays, and nobody is said to have moved more than their connections', () => {
  fc.assert(
    fc.property(counted, testimony, hold, (known, said, held) => {
      const all = testified(known, said, held);
      for (const way of ['up', 'down'] as const) {
        assert.ok(all[way] >= known[way], 'what is known stays');
        assert.ok(all[way] <= Math.max(known[way], said.counted[way] + said.moved[way]));
      }
    }),
  );
});

test('nobody is billed beyond a cap by testimony', () => {
  fc.assert(
    fc.property(counted, testimony, hold, (known, said, held) => {
      const all = testified(known, said, held);
      for (const kind of kinds) {
        const cap = held.caps[kind] ?? Number.POSITIVE_INFINITY;
        assert.ok(countedOf(all, kind) <= Math.max(cap, countedOf(known, kind)), kind);
      }
    }),
  );
});

test('the same testimony twice bills nothing twice', () => {
  fc.assert(
    fc.property(counted, testimony, hold, (known, said, held) => {
      const once = testified(known, said, held);
      assert.equal(testified(once, said, held), once);
    }),
  );
});

test('without caps and pace, all that connections moved since their baseline is counted', () => {
  fc.assert(
    fc.property(counted, counted, (at, moved) => {
      const all = testified(at, { counted: at, moved, sinceMs: 0 }, { caps: {}, pace: {} });
      assert.equal(all, { up: at.up + moved.up, down: at.down + moved.down });
    }),
  );
});

test('of a session with a rate no more is counted than that lets pass: the rest was dropped', () => {
  const said = { counted: { up: 0, down: 100 }, moved: { up: 9_000, down: 9_000 }, sinceMs: 500 };
  const all = testified({ up: 0, down: 100 }, said, { caps: {}, pace: { up: 8, down: 16 } });
  assert.equal(all, { up: 500, down: 1_100 });
});

test.run();
