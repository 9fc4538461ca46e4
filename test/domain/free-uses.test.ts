// How often free plans were taken: by device, by day, in all, and in bounded memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FreeUses } from '../../src/domain/free-uses.js';
import type { Lot } from '../../src/domain/lot.js';
import type { Mac } from '../../src/domain/mac.js';
import { plan } from '../engine/world.js';
import fc from '../rig/properties.js';

const free = plan('free', { free: { perDay: 2, total: 5 } });
const lot = (day: string, method = 'free') =>
  ({ plan: 'free', funding: { method, reference: day } }) as unknown as Lot;

const device = fc.constantFrom('a', 'b', 'c', 'd') as fc.Arbitrary<Mac>;
const deed = fc.record({ mac: device, back: fc.boolean(), restart: fc.boolean() });

test('whatever is taken and taken back, no device and no day has more than the plan allows, after a restart too', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      let uses = new FreeUses();
      const taken: Mac[] = [];
      const of = (mac: Mac) => taken.filter((one) => one === mac).length;
      for (const { mac, back, restart } of deeds) {
        const left = uses.left(free, 'today', mac);
        assert.is(left, Math.min(2 - of(mac), 5 - taken.length));
        if (back && of(mac) > 0) {
          uses.takenBack(lot('today'), mac);
          taken.splice(taken.indexOf(mac), 1);
        } else if (left > 0) {
          uses.sold(lot('today'), mac);
          taken.push(mac);
        }
        if (restart) uses = new FreeUses(JSON.parse(JSON.stringify(uses.toPlain())).free);
      }
    }),
  );
});

test('a new day begins anew, and an hour with the wrong clock after a start does not forget today', () => {
  const uses = new FreeUses();
  for (let i = 0; i < 2; i++) uses.sold(lot('2026-11-23'), 'a' as Mac);
  assert.is(uses.left(free, '2026-01-01', 'a' as Mac), 2);
  uses.sold(lot('2026-01-01'), 'b' as Mac);
  assert.is(uses.left(free, '2026-11-23', 'a' as Mac), 0);
  assert.is(uses.left(free, '2026-11-24', 'a' as Mac), 2);
});

test('days that are over are forgotten', () => {
  const uses = new FreeUses();
  for (let day = 10; day < 30; day++) uses.sold(lot(`2026-11-${day}`), 'a' as Mac);
  assert.equal(
    uses.toPlain().free?.map(({ day }) => day),
    ['2026-11-28', '2026-11-29'],
  );
});

test('what is paid for is not counted', () => {
  const uses = new FreeUses();
  uses.sold(lot('2026-11-23', 'cash'), 'a' as Mac);
  assert.equal(uses.toPlain(), {});
});

test.run();
