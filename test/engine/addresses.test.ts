// A device under several addresses, one of which goes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import type { GateOutcome, PollOutcome, Rates, Reading } from '../../src/domain/reading.js';
import { type Bytes, bytes } from '../../src/domain/units.js';
import type { Portal } from '../../src/ports/portal.js';
import { mac, world } from './world.js';

/** A portal with one device: its addresses, and whether each is open. */
class AddressPortal implements Portal {
  readonly name = 'roof';
  readonly addresses = new Map<string, boolean>();
  readonly opened: string[][] = [];
  /** Listed in replies, and gone when it comes to open it. */
  readonly vanishing = new Set<string>();
  #listed = new Set<string>();

  restore(): void {}

  async poll(): Promise<PollOutcome> {
    const gone = [...this.#listed]
      .filter((ip) => !this.addresses.has(ip))
      .map((ip) => reading(ip, false, true));
    const here = [...this.addresses].map(([ip, isOpen]) => reading(ip, isOpen, false));
    this.#listed = new Set(this.addresses.keys());
    const clients = this.addresses.size;
    for (const ip of this.vanishing) this.addresses.delete(ip);
    return {
      ...{ ok: true, complete: true, readings: [...gone, ...here], clients },
      ...{ unmetered: 0, tookMs: 1, lag: 0 },
    };
  }

  async open(_mac: Mac, _rates: Rates, given: readonly string[]): Promise<GateOutcome> {
    const wanted = given.length > 0 ? given : [...this.addresses.keys()].slice(0, 1);
    this.opened.push([...wanted]);
    const known = wanted.filter((ip) => this.addresses.has(ip));
    if (known.length === 0) return { ok: false, reason: 'unknown-client', detail: '', before: [] };
    for (const ip of known) this.addresses.set(ip, true);
    return { ok: true, before: [], after: known.map((ip) => reading(ip, true, false)) };
  }

  async close(): Promise<GateOutcome> {
    for (const ip of this.addresses.keys()) this.addresses.set(ip, false);
    return { ok: true, before: [], after: [...this.addresses.keys()].map((ip) => reading(ip, false, false)) };
  }
}

function reading(ip: string, open: boolean, gone: boolean): Reading {
  const still = { up: 0 as Bytes, down: 0 as Bytes };
  const baseline = { mac: mac(1), ip, epoch: 1, up: bytes(0), down: bytes(0) };
  return { mac: mac(1), ip, ...still, open, gone, fresh: false, reset: false, restored: false, baseline };
}

const everySecond = {
  moved: () => {},
  forget: () => {},
  rates: () => ({ up: 0, down: 0 }),
  next: () => 1000,
};

test('a session goes on on one address when another of its device has vanished', async () => {
  const w = await world();
  const portal = new AddressPortal();
  portal.addresses.set('10.0.0.1', false);
  w.engine.configure({ ...w.engine.settings, gateways: new Set(['lan', 'roof']) });
  await w.engine.watch([{ portal, cadence: everySecond, exclusive: true }]);
  const buying = w.buy(mac(1), { gateway: 'roof' });
  await w.clock.pass(1);
  const sold = await buying;
  const id = sold.ok ? sold.value.id : '';
  const states = new Set<string | undefined>();
  portal.addresses.set('10.0.0.2', false);
  portal.vanishing.add('10.0.0.2');
  for (let i = 0; i < 3; i++) {
    await w.clock.pass(1000);
    states.add(w.engine.accounts.book.get(id)?.state);
    const known = w.engine.addressesOf({ gateway: 'roof', mac: mac(1) });
    assert.equal(known, ['10.0.0.1'], 'the kernel goes on with it');
  }
  assert.ok(portal.opened.some((ips) => ips.includes('10.0.0.2')));
  assert.equal([...states], ['active']);
  assert.not(w.journal.records.some((r) => r.t === 'session' && r.what === 'suspended'));
});

test('a device that has vanished with all its addresses waits', async () => {
  const w = await world();
  const portal = new AddressPortal();
  portal.addresses.set('10.0.0.1', false);
  w.engine.configure({ ...w.engine.settings, gateways: new Set(['lan', 'roof']) });
  await w.engine.watch([{ portal, cadence: everySecond, exclusive: true }]);
  portal.addresses.delete('10.0.0.1');
  const buying = w.buy(mac(1), { gateway: 'roof' });
  await w.clock.pass(1);
  const sold = await buying;
  assert.is(sold.ok ? sold.value.state : sold.code, 'pending');
  portal.addresses.set('10.0.0.2', false);
  await w.clock.pass(1000);
  assert.is(w.engine.accounts.book.get(sold.ok ? sold.value.id : '')?.state, 'active');
});

test.run();
