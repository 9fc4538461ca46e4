// Sessions that end while nobody looks at their portal: before it is taken up, and while a reload replaces it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled } from '../rig/clock.js';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const cadence = { moved() {}, forget() {}, rates: () => ({ up: 0, down: 0 }), next: () => 1000 };

/** A customer with a minute at a portal whose gates others open, too: nobody else would shut theirs. */
const customer = (over = {}) =>
  opened({ plan: 'time', steps: 1 }, world([new TestPortal('lan')], over, false));

const stateOf = ({ engine }: World, id: string) => engine.accounts.book.get(id)?.state;

test('who has used up their minute while turnpike was off is shut out when it is back', async () => {
  const { w, id } = await customer({ billDowntime: true });
  w.meanwhile = () => w.clock.pass(500);
  w.clock.now += 120_000;
  await w.crash();
  await w.clock.pass(100);
  assert.is(stateOf(w, id), 'expired');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('a close that is asked for before the portal is taken up is over when its gate is shut, not before', async () => {
  const { w, id } = await customer();
  let state: string | undefined;
  w.meanwhile = async () => {
    await w.engine.end(id, 'admin');
    state = stateOf(w, id);
  };
  await w.crash();
  assert.is(state, 'closing');
  await w.clock.pass(100);
  assert.is(stateOf(w, id), 'terminated');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('who has used up their minute while their portal is replaced is shut out by the new one', async () => {
  const { w, id } = await customer();
  await w.engine.unwatch('lan');
  await w.clock.pass(70_000);
  assert.is(stateOf(w, id), 'closing');
  await w.engine.watch([{ portal: w.portal, cadence, exclusive: false }]);
  await settled();
  assert.is(stateOf(w, id), 'expired');
  assert.is(w.portal.clients.get(one)?.open, false);
});

test('what is bought while a portal is replaced is opened by the new one', async () => {
  const { w } = await customer();
  const two = mac(2);
  w.portal.join(two);
  await w.engine.unwatch('lan');
  const sold = await w.buy(two, { gateway: 'lan' });
  assert.ok(sold.ok && sold.value.state === 'pending');
  await w.engine.watch([{ portal: w.portal, cadence, exclusive: false }]);
  await settled();
  assert.is(w.portal.clients.get(two)?.open, true);
});

test.run();
