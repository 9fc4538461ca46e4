// Customers who walk from one portal to another, where the portals are not ours alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { one, opened } from './opened.js';
import { TestPortal } from './portal.js';
import { world } from './world.js';

for (const exclusive of [true, false]) {
  test(`the gate that they left is shut, exclusive ${exclusive ? 1 : 0}`, async () => {
    const [lan, guest] = [new TestPortal('lan'), new TestPortal('guest')];
    const { w, id } = await opened({ gateway: 'lan' }, world([lan, guest], {}, exclusive));
    // The first portal is deaf for a while, and keeps its client and the open gate.
    lan.fault = 'absent';
    await w.clock.pass(5000);
    guest.join(one);
    await w.clock.pass(2000);
    assert.is(w.engine.accounts.book.get(id)?.gateway, 'guest');
    assert.is(guest.clients.get(one)?.open, true);
    lan.fault = undefined;
    await w.clock.pass(60_000);
    assert.is(lan.clients.get(one)?.open ?? false, false, 'nobody meters what passes there');
    assert.is(w.engine.accounts.book.get(id)?.gateway, 'guest');
    assert.is(guest.clients.get(one)?.open, true);
  });
}

test.run();
