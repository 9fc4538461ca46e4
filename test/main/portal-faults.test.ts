// What a portal can do wrong, against the real daemon: nothing is lost, `status` shows it, and the log says it once.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';

import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
/** The script that the owner has turnpike restart the portal with: it says that it was called. */
const restarter = join(dir, 'restart');
let daemon: DaemonProcess;
let keys = 0;

test.before(async () => {
  writeFileSync(restarter, '#!/bin/sh\necho "$1" >>"$0.called"\n', { mode: 0o755 });
  portal.server.proc = join(dir, 'proc');
  await portal.start();
  daemon = await startProcess(
    shop(join(dir, 'nds.sock'), [
      "poll_min '50ms'",
      "poll_max '100ms'",
      "poll_share '90'",
      "double_mac 'suspend'",
      `restart '${restarter}'`,
    ]),
    { proc: join(dir, 'proc') },
  );
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

const ip = (who: Mac) => `10.0.0.${Number.parseInt(who.slice(-2), 16)}`;
const gateway = async () => ((await daemon.call('status')).gateways as Table[])[0]!;
const session = (who: Mac) => daemon.call('session', { mac: who });
const used = async (who: Mac) => {
  const { up_bytes, down_bytes } = await session(who);
  return Number(up_bytes) + Number(down_bytes);
};
const said = (text: string) => daemon.log().split(text).length - 1;

async function buy(who: Mac, steps = 100): Promise<Table> {
  portal.join(who, ip(who));
  keys += 1;
  const payment = { method: 'cash', reference: 'r' };
  const order = { mac: who, plan: 'data', steps, payment, idempotency_key: `k${keys}`, gateway: 'lan' };
  return daemon.call('purchase', order);
}

/** A customer with an open gate who has moved `kib` so far. */
async function customer(n: number, kib = 100): Promise<Mac> {
  const who = mac(n);
  assert.is((await buy(who)).state, 'active');
  portal.carry(who, 0, kib * 1024);
  await until('counted', async () => (await used(who)) === kib * 1024);
  return who;
}

/** The portal fails in this way, is seen to, heals, and nothing of `who` was lost. */
async function outage(who: Mac, begin: () => unknown, heal: () => unknown): Promise<void> {
  const before = await used(who);
  const downs = said('portal is down');
  await begin();
  await until('down', async () => (await gateway()).state === 'down');
  assert.ok(String((await gateway()).error).length > 0, 'status says why');
  await until('suspended', async () => (await session(who)).state === 'suspended');
  await until('several more polls', async () => Number((await gateway()).failed_polls) > 3);
  assert.is(said('portal is down'), downs + 1, 'the log says it once');
  assert.is(await used(who), before, 'no byte was made up');
  await heal();
  await until('up', async () => (await gateway()).state === 'up');
  await until('active again', async () => (await session(who)).state === 'active');
}

test('lagging: the counting goes on, `status` says so, and the owner’s script restarts the portal, once', async () => {
  const who = await customer(1);
  for (let i = 0; i < 2; i++) portal.server.wedge();
  await until('told', async () => (await gateway()).state === 'lagging' && (await gateway()).lag === 2);
  portal.carry(who, 0, 1024);
  await until('counted', async () => (await used(who)) === 101 * 1024);
  await until('restarted', () => existsSync(`${restarter}.called`));
  const { polls } = await gateway();
  await until('several more polls', async () => Number((await gateway()).polls) > Number(polls) + 10);
  assert.equal([said('portal is lagging'), said('restarting the portal')], [1, 1]);
  assert.is(readFileSync(`${restarter}.called`, 'utf8'), 'restart\n');
  await portal.restart();
  await until('back', async () => (await gateway()).state === 'up' && portal.isOpen(who));
  assert.is(portal.server.empties, 0, 'no connection came without a request');
});

test('busy: an answer that takes seconds is waited for, and `status` says so', async () => {
  const who = await customer(13);
  portal.faults.delayMs = 3_500;
  await until('told', async () => (await gateway()).state === 'busy');
  portal.faults.delayMs = 0;
  portal.carry(who, 0, 1024);
  await until('counted', async () => (await used(who)) === 101 * 1024);
  const { state, failed_polls, lag } = await gateway();
  assert.equal({ state, failed_polls, lag }, { state: 'up', failed_polls: 0, lag: 0 });
});

test('deaf, empty, killed and started again', async () => {
  const who = await customer(2);
  await outage(
    who,
    () => {
      portal.faults.hang = true;
    },
    async () => {
      portal.faults.hang = false;
      await portal.restart();
    },
  );
  await outage(
    who,
    () => {
      portal.faults.empty = true;
    },
    () => {
      portal.faults.empty = false;
    },
  );
  const path = join(dir, 'nds.sock');
  await outage(
    who,
    () => portal.stop(),
    () => portal.start(),
  );
  await outage(
    who,
    async () => {
      await portal.stop();
      // A socket that nobody listens on, as SIGKILL leaves it: to connect is refused, or it is no socket.
      writeFileSync(path, '');
    },
    () => portal.start(),
  );
});

test('half a reply: what is whole counts, nobody is taken as gone, and it is said once', async () => {
  const one = await customer(3);
  const two = await customer(4);
  const partial = said('cut short');
  portal.faults.truncate = 700;
  portal.carry(one, 0, 1024);
  await until('seen', async () => Number((await gateway()).partial_polls) > 3);
  assert.is((await session(two)).state, 'active');
  portal.faults.truncate = Number.POSITIVE_INFINITY;
  await until('counted', async () => (await used(one)) === 101 * 1024);
  assert.is(await used(two), 100 * 1024);
  assert.is(said('cut short'), partial + 1);
});

test('slow: replies are waited for, and the share of the portal’s time is kept', async () => {
  const who = await customer(5);
  portal.faults.delayMs = 300;
  portal.carry(who, 0, 2048);
  await until('counted', async () => (await used(who)) === 102 * 1024);
  await until('shown', async () => Number((await gateway()).last_poll_ms) >= 300);
  portal.faults.delayMs = 0;
});

test('restarted with a new token, counters at zero: let in again, counted on', async () => {
  const who = await customer(6);
  const auths = portal.counts.auth;
  await portal.restart();
  await until('let in again', () => portal.isOpen(who));
  assert.ok(portal.counts.auth > auths);
  portal.carry(who, 0, 5 * 1024);
  await until('counted on', async () => (await used(who)) === 105 * 1024);
});

test('counters that fall count from zero; counters that stand still make nothing up', async () => {
  const who = await customer(7);
  portal.resetCounters();
  portal.carry(who, 0, 3 * 1024);
  await until('counted', async () => (await used(who)) === 103 * 1024);
  portal.frozen = true;
  portal.carry(who, 0, 50 * 1024);
  const polls = Number((await gateway()).polls);
  await until('polled', async () => Number((await gateway()).polls) > polls + 3);
  assert.is(await used(who), 103 * 1024, 'without a kernel that counts nobody can know');
  portal.frozen = false;
});

test('gone: the session waits, and goes on when its client is back', async () => {
  const who = await customer(8);
  portal.leave(who);
  await until('suspended', async () => (await session(who)).state === 'suspended');
  portal.join(who, ip(who));
  await until('active', async () => (await session(who)).state === 'active' && portal.isOpen(who));
});

test('No because it is open already is a success', async () => {
  const who = mac(9);
  portal.join(who, ip(who));
  const { request } = await import('../../src/portals/ndsctl/socket.js');
  const target = { transport: 'socket', path: join(dir, 'nds.sock') } as const;
  // Somebody else's ndsctl opens the gate between our look and our command: what we ask for is there already.
  const [sold] = await Promise.all([buy(who), request(target, `auth ${who}`)]);
  assert.ok(['active', 'pending'].includes(String(sold.state)));
  await until('active', async () => (await session(who)).state === 'active' && portal.isOpen(who));
});

test('a close that fails is visible, tried on, and the session is over only when its gate is shut', async () => {
  const who = await customer(10);
  const complaints = said('cannot close');
  portal.refuseDeauth = true;
  const closing = await daemon.call('close', { mac: who });
  assert.is(closing.state, 'closing');
  await until('shown', async () => (await gateway()).gates_failing === 1);
  portal.carry(who, 0, 7 * 1024);
  const refused = portal.counts.refused;
  await until('tried on', () => portal.counts.refused > refused + 4);
  assert.is(said('cannot close'), complaints + 1, 'said once in many tries');
  assert.is((await session(who)).state, 'closing');
  portal.refuseDeauth = false;
  await until('over', async () => (await session(who)).state === 'terminated');
  assert.is(portal.isOpen(who), false);
  assert.is(await used(who), 107 * 1024, 'also what passed while the gate could not be shut');
});

test('a device that moves to another address goes on there', async () => {
  const who = await customer(11);
  portal.leave(who);
  portal.join(who, '10.0.1.11');
  await until('open there', () => portal.isOpen(who));
  portal.carry(who, 0, 1024, '10.0.1.11');
  await until('counted', async () => (await used(who)) === 101 * 1024);
  assert.is((await gateway()).double_macs, 0);
});

test('one MAC on two devices at once is found, reported and shut out', async () => {
  const who = await customer(12);
  portal.join(who, '10.0.1.12');
  let at = 0;
  await until('found', async () => {
    at += 1;
    portal.carry(who, 1024, 0, at % 20 < 10 ? ip(who) : '10.0.1.12');
    return (await gateway()).double_macs === 1;
  });
  await until('shut out', async () => !portal.isOpen(who) && (await session(who)).state === 'suspended');
  assert.is(said('is two devices at once'), 1);
});

test('5,000 clients that join at once are all listed, and those who pay get in', async () => {
  for (let n = 0; n < 5000; n++) {
    const hex = n.toString(16).padStart(4, '0');
    portal.join(`02:55:00:00:${hex.slice(0, 2)}:${hex.slice(2)}` as Mac, `10.5.${n >> 8}.${n & 255}`);
  }
  await until('listed', async () => Number((await gateway()).clients) >= 5000);
  const buyers = Array.from(
    { length: 50 },
    (_, n) => `02:55:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac,
  );
  const sold = await Promise.all(
    buyers.map((who, n) => {
      const payment = { method: 'cash', reference: 'r' };
      return daemon.call('purchase', { mac: who, plan: 'data', payment, idempotency_key: `crowd${n}` });
    }),
  );
  assert.ok(sold.every((s) => s.error === undefined));
  await until('all in', () => buyers.every((who) => portal.isOpen(who)));
});

test.run();
