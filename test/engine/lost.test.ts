// Sessions that nobody will use any more do not stay for ever.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { millis } from '../../src/domain/units.js';
import { opened } from './opened.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const minute = 60_000;
const stateOf = ({ engine }: World, id: string) => engine.accounts.book.get(id)?.state;

test('a sale for a mistyped MAC is lost after lost_after, and its money is owed', async () => {
  const w = await world(undefined, { lostAfter: millis(10 * minute) });
  const sold = await w.buy(mac(9), { gateway: 'lan' });
  assert.ok(sold.ok && sold.value.state === 'pending');
  await w.clock.pass(9 * minute);
  assert.is(stateOf(w, sold.value.id), 'pending');
  await w.clock.pass(2 * minute);
  const { cause, refunds, usage } = w.engine.accounts.book.get(sold.value.id)!;
  assert.is(cause, 'lost');
  assert.is(refunds[0]?.money.amount, 50n);
  assert.is(usage.millis, 0);
});

test('without lost_after it waits until its device comes', async () => {
  const w = await world();
  const sold = await w.buy(mac(9), { gateway: 'lan' });
  assert.ok(sold.ok);
  await w.clock.pass(60 * minute);
  assert.is(stateOf(w, sold.value.id), 'pending');
  w.portal.join(mac(9));
  await w.clock.pass(2000);
  assert.is(stateOf(w, sold.value.id), 'active');
});

test('a session of a portal that is configured no more is lost, too', async () => {
  const portals = [new TestPortal('lan'), new TestPortal('guest')];
  const made = world(portals, { lostAfter: millis(10 * minute) });
  const { w, id } = await opened({ gateway: 'lan' }, made);
  w.engine.configure({ ...w.engine.settings, gateways: new Set(['guest']) });
  await w.engine.leave('lan');
  await w.engine.unwatch('lan');
  await w.engine.watch([]);
  await w.clock.pass(9 * minute);
  assert.is(stateOf(w, id), 'suspended');
  await w.clock.pass(2 * minute);
  assert.is(stateOf(w, id), 'terminated');
  assert.is(w.engine.accounts.book.get(id)?.cause, 'lost');
});

test.run();
