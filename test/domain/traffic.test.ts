// What portals have counted of a session stays known while its device walks from one to another.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { askedSession } from '../../src/domain/session.js';
import { baselinesAt, bill, move } from '../../src/domain/traffic.js';
import { bytes } from '../../src/domain/units.js';
import { namedRow, usageRow } from '../../src/domain/usage-row.js';

const mac = '02:00:00:00:00:01' as Mac;
const at = (epoch: number, up: number) => ({ mac, ip: '10.0.0.1', epoch, up: bytes(up), down: bytes(0) });

test('a portal to which they come back has its own counters compared, with the same address, and after a restart', () => {
  const asked = askedSession({ id: 'a', mac, gateway: 'lan' }, 0);
  const atLan = bill(asked, { up: bytes(700), down: bytes(0), baseline: at(1, 700) });
  const atGuest = bill(move(atLan, 'guest'), { up: bytes(50), down: bytes(0), baseline: at(2, 50) });
  const back = move(atGuest, 'lan');
  assert.equal(baselinesAt(back, 'lan'), [at(1, 700)]);
  assert.equal(baselinesAt(back, 'guest'), [{ ...at(2, 50), gateway: 'guest' }]);
  assert.is(back.usage.up, 750);
  const { baselines } = namedRow(usageRow(back), () => mac);
  assert.equal(baselines, back.baselines);
});

test.run();
