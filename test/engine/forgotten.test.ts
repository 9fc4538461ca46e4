// What the engine keeps beside its books goes with the session: a year of logins that come to nothing is no leak.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refuse } from '../../src/domain/refuse.js';
import type { Authorizer } from '../../src/ports/authorizer.js';
import { settled } from '../rig/clock.js';
import { ready } from './backstop.js';
import { mac, type World } from './world.js';

const many = 20;
const { set } = Map.prototype;
const { add } = Set.prototype;
/** Every Map and Set that was given a word as a key while {@link kept} was at work. */
const containers = new Set<Map<unknown, unknown> | Set<unknown>>();

/** Does the work, which returns the ids of its sessions. @returns how many containers have most of them in the end */
async function kept(work: () => Promise<readonly string[]>): Promise<number> {
  Map.prototype.set = function (key, value) {
    if (typeof key === 'string') add.call(containers, this);
    return set.call(this, key, value);
  };
  Set.prototype.add = function (value) {
    if (typeof value === 'string') add.call(containers, this);
    return add.call(this, value);
  };
  try {
    const ids = await work();
    // What had one of them for a moment is no leak.
    return [...containers].filter((one) => ids.filter((id) => one.has(id)).length > many / 2).length;
  } finally {
    Map.prototype.set = set;
    Set.prototype.add = add;
    containers.clear();
  }
}

/** A server that lets nobody in, and takes a while to say so. */
function slowServer(w: World): Authorizer {
  return {
    devices: 1,
    credentials: () => ({ ok: true, value: { user: 'ada', password: 'x' } }),
    authenticate: async () => refuse('login_timeout', 'nobody answers'),
    authorize: async () => {
      await new Promise<void>((resolve) => w.clock.after(5000, resolve));
      return refuse('login_timeout', 'nobody answers');
    },
  };
}

test('logins that come to nothing leave nothing behind', async () => {
  const left = await kept(async () => {
    const { w, kernel } = await ready();
    w.logins.authorizers = new Map([['radius', slowServer(w)]]);
    const ids: string[] = [];
    for (let i = 0; i < many; i++) {
      const login = w.buy(mac(1), { payment: { method: 'radius' }, plan: undefined });
      await w.clock.pass(2000);
      const asked = w.engine.accounts.book.runningOfMac(mac(1))[0]!;
      ids.push(asked.id);
      kernel.held = [{ id: asked.id, bytes: 0, spent: {} }];
      await w.clock.pass(8000);
      assert.not.ok((await login).ok);
    }
    kernel.held = [];
    await w.clock.pass(60_000);
    return ids;
  });
  assert.is(left, 0);
});

test('sales that the disk refused leave nothing behind', async () => {
  const left = await kept(async () => {
    const { w, kernel } = await ready();
    const { journal } = w;
    const sync = journal.sync.bind(journal);
    const ids: string[] = [];
    for (let i = 0; i < many; i++) {
      const waiting: (() => void)[] = [];
      journal.sync = () =>
        new Promise((_, reject) => {
          waiting.push(() => reject(Object.assign(new Error('i/o error'), { code: 'storage_failed' })));
        });
      const sale = w.buy(mac(1));
      await w.clock.pass(1);
      const sold = w.engine.accounts.book.runningOfMac(mac(1))[0]!;
      ids.push(sold.id);
      kernel.held = [{ id: sold.id, bytes: 0, spent: {} }];
      await w.clock.pass(12_000);
      journal.sync = sync;
      for (const fail of waiting) fail();
      assert.not.ok((await sale).ok);
    }
    kernel.held = [];
    await w.clock.pass(60_000);
    return ids;
  });
  assert.is(left, 0);
});

test('sessions that ended are in the books alone', async () => {
  const left = await kept(async () => {
    const { w, kernel } = await ready();
    const ids: string[] = [];
    for (let i = 0; i < many; i++) {
      const sold = await w.buy(mac(1));
      assert.ok(sold.ok);
      ids.push(sold.value.id);
      w.portal.carry(mac(1), 0, 100);
      kernel.held = [{ id: sold.value.id, bytes: 100, spent: {} }];
      await w.clock.pass(11_000);
      await w.commands.close(sold.value.id, 'admin');
      await settled();
    }
    kernel.held = [];
    await w.clock.pass(60_000);
    return ids;
  });
  assert.is(left, 2, 'the list, and the order in which it is shortened');
});

test.run();
