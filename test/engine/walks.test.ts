// Customers who walk from one portal to another while something is under way at the first.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GateOutcome } from '../../src/domain/reading.js';
import { settled } from '../rig/clock.js';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { type World, world } from './world.js';

/** Holds back what the portal does to open a gate, until the returned function is called. */
function holdOpening(portal: TestPortal): () => void {
  const open = portal.open.bind(portal);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  portal.open = async (mac) => {
    await released;
    return open(mac);
  };
  return () => {
    portal.open = open;
    release();
  };
}

const two = () => [new TestPortal('lan'), new TestPortal('guest')] as const;
const isOpenAt = (portal: TestPortal) => portal.clients.get(one)?.open ?? false;

async function moved(w: World, guest: TestPortal): Promise<void> {
  guest.join(one);
  await w.clock.pass(2000);
}

for (const exclusive of [true, false]) {
  test(`a gate that is being opened while its customer walks on is shut, exclusive ${exclusive}`, async () => {
    const [lan, guest] = two();
    const w = await world([lan, guest], {}, exclusive);
    lan.join(one);
    await w.clock.pass(1001);
    const release = holdOpening(lan);
    void w.buy(one, { gateway: 'lan' });
    await settled();
    await moved(w, guest);
    release();
    await w.clock.pass(60_000);
    assert.is(isOpenAt(lan), false);
    assert.is(isOpenAt(guest), true);
  });
}

test('a gate that is being opened again while its customer walks on is shut', async () => {
  const [lan, guest] = two();
  const { w } = await opened({ gateway: 'lan' }, world([lan, guest], {}, false));
  lan.leave(one);
  await w.clock.pass(2000);
  const release = holdOpening(lan);
  lan.join(one);
  await w.clock.pass(1500);
  await moved(w, guest);
  release();
  await w.clock.pass(60_000);
  assert.is(isOpenAt(lan), false);
});

test('a gate that was opened with no answer before its customer walked on is shut', async () => {
  const [lan, guest] = two();
  const w = await world([lan, guest], {}, false);
  lan.join(one);
  await w.clock.pass(1001);
  const open = lan.open.bind(lan);
  lan.open = async (mac): Promise<GateOutcome> => {
    await open(mac);
    lan.fault = 'timeout';
    return { ok: false, reason: 'timeout', detail: 'no answer', before: [] };
  };
  void w.buy(one, { gateway: 'lan' });
  await settled();
  lan.open = open;
  await w.clock.pass(3000);
  await moved(w, guest);
  lan.fault = undefined;
  await w.clock.pass(60_000);
  assert.is(isOpenAt(lan), false);
});

test('a customer who is online elsewhere by the time that a portal does not find them stays online', async () => {
  const [lan, guest] = two();
  const w = await world([lan, guest], {}, true);
  const release = holdOpening(lan);
  const buying = w.buy(one, { gateway: 'lan' });
  await settled();
  await moved(w, guest);
  await w.clock.pass(2000);
  const sold = await buying;
  assert.ok(sold.ok);
  const states = () => w.engine.accounts.book.get(sold.value.id)!.state;
  assert.is(states(), 'active');
  release();
  for (let i = 0; i < 5; i++) await settled();
  assert.is(states(), 'active');
});

test('a customer who was busy elsewhere is not idle when they walk back', async () => {
  const [lan, guest] = two();
  const { w, id } = await opened({ gateway: 'lan', plan: 'idle', steps: 900 }, world([lan, guest], {}, true));
  lan.carry(one, 10, 10);
  await w.clock.pass(2000);
  lan.leave(one);
  await w.clock.pass(2000);
  await moved(w, guest);
  for (let second = 0; second < 40; second++) {
    guest.carry(one, 10, 10);
    await w.clock.pass(1000);
  }
  guest.leave(one);
  await w.clock.pass(2000);
  lan.join(one);
  await w.clock.pass(3000);
  const { state, gateway } = w.engine.accounts.book.get(id)!;
  assert.equal([state, gateway], ['active', 'lan']);
});

test('a gate that is being opened when its portal is let go of is shut', async () => {
  const lan = new TestPortal('lan');
  const w = await world([lan], {}, true);
  lan.join(one);
  await w.clock.pass(1001);
  const release = holdOpening(lan);
  void w.buy(one);
  await settled();
  const left = w.engine.leave('lan').then(() => w.engine.unwatch('lan'));
  await settled();
  release();
  await w.clock.pass(4000);
  await left;
  assert.is(isOpenAt(lan), false);
});

test.run();
