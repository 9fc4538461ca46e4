// turnpike's own portal: who is there by the kernel's neighbours, and whose gate is open by the table.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../../src/domain/mac.js';
import type { PollOutcome, Reading } from '../../../src/domain/reading.js';
import { NftablesPortal } from '../../../src/portals/nftables/portal.js';
import type { NeighbourResult } from '../../../workers/contract.js';

const phone = '02:00:00:00:00:01' as Mac;
const other = '02:00:00:00:00:02' as Mac;
const awayMs = 300_000;

/** A portal on neighbours, a table and a clock that a test sets. */
function portalOn(...first: string[]) {
  const world = {
    ...{ lines: first, open: new Set<Mac>(), isKept: true, now: 0, looks: 0, fault: '' },
    sent: new Map<Mac, number>(),
    onAir: new Set<Mac>(),
    leftAir: new Map<Mac, number>(),
  };
  const look = async (): Promise<NeighbourResult> => {
    world.looks += 1;
    if (world.fault) return { ok: false, reason: 'missing', detail: world.fault, tookMs: 1 };
    const found = world.lines.map((line) => {
      const [mac, ip, state, name] = line.split(' ') as [string, string, string, string?];
      return { mac, ip, state, ...(name !== undefined && { name }) };
    });
    return { ok: true, found, tookMs: 1 };
  };
  const gate = {
    get isKept() {
      return world.isKept;
    },
    passes: (mac: Mac) => world.open.has(mac),
    sent: (mac: Mac) => world.sent.get(mac) ?? 0,
    settle: async () => {},
  };
  const air = {
    look: () => {},
    has: (mac: Mac) => world.onAir.has(mac),
    leftAt: (mac: Mac) => world.leftAir.get(mac),
    stop: async () => {},
  };
  const portal = new NftablesPortal({ name: 'lan', gate, air, awayMs, look, now: () => world.now });
  const poll = async () => told(await portal.poll());
  return { portal, world, poll };
}

function told(outcome: PollOutcome): string[] {
  assert.ok(outcome.ok);
  return outcome.ok ? outcome.readings.map(inWords) : [];
}

function inWords({ mac, ip, open, fresh, gone }: Reading): string {
  return `${mac.slice(-2)} ${ip} ${gone ? 'gone' : open ? 'open' : 'shut'}${fresh ? ' fresh' : ''}`;
}

test('a device is told once, by its IPv4 address, and again when the table lets it pass', async () => {
  const { world, poll } = portalOn(`${phone} fe80::1 REACHABLE`, `${phone} 10.0.0.7 STALE`);
  assert.equal(await poll(), ['01 10.0.0.7 shut fresh']);
  assert.equal(await poll(), []);
  world.open.add(phone);
  assert.equal(await poll(), ['01 10.0.0.7 open']);
});

test('a device with IPv6 alone keeps the address that was told, and gets the one of IPv4 when it has it', async () => {
  const { world, poll } = portalOn(`${phone} fd00::1 REACHABLE`);
  assert.equal(await poll(), ['01 fd00::1 shut fresh']);
  world.lines = [`${phone} fd00::2 REACHABLE`, `${phone} fd00::1 STALE`];
  assert.equal(await poll(), []);
  world.lines.push(`${phone} 10.0.0.7 REACHABLE`);
  assert.equal(await poll(), ['01 fd00::1 gone', '01 10.0.0.7 shut fresh']);
});

test('a phone that sleeps stays for as long as it may, and is there again with its first word', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  await poll();
  world.lines = [`${phone} 10.0.0.7 STALE`];
  world.now = awayMs - 1;
  assert.equal(await poll(), []);
  world.now = awayMs;
  assert.equal(await poll(), ['01 10.0.0.7 gone']);
  assert.equal(await poll(), [], 'the kernel still keeps its address');
  world.lines = [`${phone} 10.0.0.7 REACHABLE`];
  assert.equal(await poll(), ['01 10.0.0.7 shut fresh']);
});

test('a device that the kernel asked in vain, or forgot, is away after half a minute', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`, `${other} 10.0.0.8 REACHABLE`);
  await poll();
  world.lines = [`${phone} 10.0.0.7 FAILED`];
  world.now = 29_999;
  assert.equal(await poll(), []);
  world.now = 30_000;
  assert.equal((await poll()).sort(), ['01 10.0.0.7 gone', '02 10.0.0.8 gone']);
});

test('a purchase of a device that came after the last look: it is looked for, and let in', async () => {
  const { portal, world } = portalOn();
  await portal.poll();
  world.lines = [`${phone} 10.0.0.7 REACHABLE`, `${other} 10.0.0.8 REACHABLE`];
  world.open.add(phone);
  const outcome = await portal.open(phone, {}, []);
  assert.ok(outcome.ok);
  assert.equal(outcome.ok && outcome.after.map(inWords), ['01 10.0.0.7 open']);
  assert.equal(told(await portal.poll()), ['02 10.0.0.8 shut fresh'], 'the other one is not lost');
});

test('a device that nobody has seen is unknown, and no gate is open that the table keeps shut', async () => {
  const { portal, world } = portalOn();
  const unknown = await portal.open(phone, {}, []);
  assert.is(!unknown.ok && unknown.reason, 'unknown-client');
  world.lines = [`${phone} 10.0.0.7 REACHABLE`];
  const shut = await portal.open(phone, {}, []);
  assert.is(!shut.ok && shut.reason, 'unchanged');
});

test('without a table there is no gate: the portal is away, and neither opens nor closes anything', async () => {
  const { portal, world } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  await portal.poll();
  world.isKept = false;
  for (const outcome of [await portal.poll(), await portal.open(phone, {}, []), await portal.close(phone)])
    assert.is(!outcome.ok && outcome.reason, 'absent');
});

test('neighbours that cannot be read: the portal is away, and says why', async () => {
  const { portal, world } = portalOn();
  world.fault = 'spawn /sbin/ip ENOENT';
  const outcome = await portal.poll();
  assert.equal(outcome, { ok: false, reason: 'absent', detail: world.fault, tookMs: 1 });
});

test('a gate that was shut is told shut, and open again when the table lets another session pass', async () => {
  const { portal, world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  world.open.add(phone);
  await poll();
  const outcome = await portal.close(phone);
  assert.equal(outcome.ok && outcome.after.map(inWords), ['01 10.0.0.7 shut']);
  assert.equal(await poll(), ['01 10.0.0.7 open']);
});

test('a device that is there has the name that it gave itself last, and none when it has left', async () => {
  const { portal, world, poll } = portalOn(
    `${phone} fe80::1 STALE Adas-phone`,
    `${phone} 10.0.0.7 STALE Adas-phone`,
  );
  assert.is(portal.nameOf(phone), undefined);
  await poll();
  assert.equal([portal.nameOf(phone), portal.nameOf(other)], ['Adas-phone', undefined]);
  world.lines = [`${phone} 10.0.0.7 REACHABLE phone-2`];
  assert.equal(await poll(), [], 'a name is nothing that the gate has to do with');
  assert.is(portal.nameOf(phone), 'phone-2');
  world.lines = [];
  world.now = awayMs;
  await poll();
  assert.is(portal.nameOf(phone), undefined);
});

test('a device that sends is there, whatever the kernel knows of its neighbourhood', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  await poll();
  world.lines = [`${phone} 10.0.0.7 FAILED`];
  for (let n = 1; n <= 10; n++) {
    world.now = n * 20_000;
    world.sent.set(phone, n);
    assert.equal(await poll(), []);
  }
  world.now += 29_999;
  assert.equal(await poll(), []);
  world.now += 1;
  assert.equal(await poll(), ['01 10.0.0.7 gone']);
  world.lines = [`${phone} 10.0.0.7 STALE`];
  assert.equal(await poll(), []);
  world.sent.set(phone, 11);
  assert.equal(await poll(), ['01 10.0.0.7 shut fresh'], 'it is back with its first byte');
});

test('what is sent to a device that has left keeps nobody there: its own bytes count', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  world.sent.set(phone, 1_000);
  await poll();
  world.lines = [`${phone} 10.0.0.7 FAILED`];
  world.now = 30_000;
  assert.equal(await poll(), ['01 10.0.0.7 gone']);
});

test('a phone asleep that is associated with an access point is there', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  world.onAir.add(phone);
  await poll();
  world.lines = [];
  world.now = 10 * awayMs;
  assert.equal(await poll(), []);
});

test('a phone that left its access point is away after 15 s, however reachable the kernel takes it for', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  world.onAir.add(phone);
  await poll();
  world.now = 100_000;
  await poll();
  world.onAir.clear();
  world.leftAir.set(phone, 100_500);
  world.sent.set(phone, 700);
  world.now = 110_000;
  assert.equal(await poll(), [], 'what it sent before it left is read late');
  world.now = 115_499;
  assert.equal(await poll(), []);
  world.now = 115_500;
  assert.equal(await poll(), ['01 10.0.0.7 gone']);
  world.now = 145_000;
  assert.equal(await poll(), [], 'the kernel has not noticed');
  world.leftAir.clear();
  world.onAir.add(phone);
  world.lines = [`${phone} 10.0.0.7 STALE`];
  assert.equal(await poll(), ['01 10.0.0.7 shut fresh']);
});

test('a phone that roams to an access point of another box and goes on sending is never away', async () => {
  const { world, poll } = portalOn(`${phone} 10.0.0.7 REACHABLE`);
  world.onAir.add(phone);
  await poll();
  world.onAir.clear();
  world.leftAir.set(phone, 500);
  for (let n = 1; n <= 80; n++) {
    world.now = n * 1_000;
    world.sent.set(phone, n);
    assert.equal(await poll(), []);
  }
});

test.run();
