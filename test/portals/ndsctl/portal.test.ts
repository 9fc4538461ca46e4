import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import type { PollOutcome, Reading } from '../../../src/domain/reading.js';
import { bytes } from '../../../src/domain/units.js';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import type { NdsctlKind } from '../../../src/portals/ndsctl/kind.js';
import { NdsctlPortal } from '../../../src/portals/ndsctl/portal.js';
import { request } from '../../../src/portals/ndsctl/socket.js';
import { nodogsplashKind } from '../../../src/portals/nodogsplash/kind.js';
import { openndsKind } from '../../../src/portals/opennds/kind.js';
import { mac } from '../../engine/world.js';

const pool = new MeterPool({ worker: new URL('../../../workers/poll.js', import.meta.url), threads: 1 });
const one = mac(1);
const two = mac(2);
const ip = '10.0.0.1';

interface Context {
  dir: string;
  portal: SimulatedPortal;
  gateway: NdsctlPortal;
}

async function begin(c: Context, kind: NdsctlKind): Promise<void> {
  const { dialect } = kind;
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(dialect, path);
  await c.portal.start();
  const target = { transport: 'socket', path } as const;
  c.gateway = new NdsctlPortal({
    name: 'lan',
    target,
    kind,
    meter: pool.meter({ target, dialect, clients: 4 }),
  });
}

async function end(c: Context): Promise<void> {
  await c.gateway.stop();
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
}

function readings(outcome: PollOutcome): readonly Reading[] {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.ok ? outcome.readings : [];
}

const billed = (list: readonly Reading[], who = one) =>
  list.filter((r) => r.mac === who).reduce((sum, r) => sum + r.up + r.down, 0);

for (const kind of [openndsKind, nodogsplashKind]) {
  const { dialect } = kind;
  const test = suite<Context>(dialect.name);
  const kilo = dialect.bytesPerUnit;
  test.before.each((c) => begin(c, kind));
  test.after.each(end);

  test('a gate opens, is read back, and what passed it is counted in the unit of the dialect', async (c) => {
    c.portal.join(one, ip);
    const opened = await c.gateway.open(one, {}, []);
    assert.ok(opened.ok);
    assert.ok(c.portal.isOpen(one));
    c.portal.carry(one, 3 * kilo, 7 * kilo + 5);
    const [reading] = readings(await c.gateway.poll());
    assert.is(reading?.up, 3 * kilo);
    assert.is(reading?.down, 7 * kilo);
    assert.ok(reading?.open);
    assert.equal(readings(await c.gateway.poll()), [], 'only what changed');
  });

  test('the portal is told the rates where it keeps them, and none where the kernel does', async (c) => {
    const target = { transport: 'socket', path: join(c.dir, 'ndsctl.sock') } as const;
    const meter = pool.meter({ target, dialect });
    const without = new NdsctlPortal({ name: 'lan', target, kind, meter, tellRates: () => false });
    const told = async (gateway: NdsctlPortal) => {
      c.portal.join(one, ip);
      await gateway.open(one, { upRate: 1500, downRate: 4000 }, []);
      const { reply } = await request(target, `json ${one}`);
      await gateway.close(one, [ip]);
      return /"download_rate_limit_threshold":"(\d+)/.exec(String(reply))?.[1];
    };
    assert.is(await told(c.gateway), kind === openndsKind ? '4000' : undefined);
    assert.is(await told(without), undefined);
    await without.stop();
  });

  test('to open an open gate, and to shut a shut one, is a success with no command', async (c) => {
    c.portal.join(one, ip);
    assert.ok((await c.gateway.open(one, {}, [])).ok);
    assert.ok((await c.gateway.open(one, {}, [ip])).ok);
    assert.is(c.portal.counts.auth, 1);
    assert.ok((await c.gateway.close(one, [ip])).ok);
    assert.ok((await c.gateway.close(one, [ip])).ok);
    assert.ok((await c.gateway.close(two, [])).ok);
    assert.is(c.portal.counts.deauth, 1);
  });

  test('the last bytes before a close are in its readings, none twice', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 10 * kilo);
    c.portal.carry(one, 0, 5 * kilo);
    const closed = await c.gateway.close(one, [ip]);
    assert.ok(closed.ok && billed([...closed.before, ...closed.after]) === 5 * kilo);
    assert.not(c.portal.isOpen(one));
    assert.is(billed(readings(await c.gateway.poll())), 0);
  });

  test('a portal that says No and does nothing is seen through', async (c) => {
    c.portal.join(one, ip);
    c.portal.refuseAuth = true;
    const opened = await c.gateway.open(one, {}, []);
    assert.is(opened.ok ? 'ok' : opened.reason, 'unchanged');
    c.portal.refuseAuth = false;
    await c.gateway.open(one, {}, []);
    c.portal.refuseDeauth = true;
    const closed = await c.gateway.close(one, [ip]);
    assert.is(closed.ok ? 'ok' : closed.reason, 'unchanged');
  });

  test('a device under two addresses is opened and shut on both', async (c) => {
    c.portal.join(one, ip);
    c.portal.join(one, '10.0.0.2');
    assert.ok((await c.gateway.open(one, {}, [ip, '10.0.0.2'])).ok);
    c.portal.carry(one, 0, kilo, ip);
    c.portal.carry(one, 0, 2 * kilo, '10.0.0.2');
    assert.is(billed(readings(await c.gateway.poll())), 3 * kilo);
    assert.ok((await c.gateway.close(one, [ip, '10.0.0.2'])).ok);
    assert.not(c.portal.isOpen(one));
  });

  test('an address that went to another device is left alone', async (c) => {
    c.portal.join(two, ip);
    await c.gateway.open(two, {}, []);
    assert.ok((await c.gateway.close(one, [ip])).ok);
    assert.ok(c.portal.isOpen(two));
    const opened = await c.gateway.open(one, {}, [ip]);
    assert.is(opened.ok ? 'ok' : opened.reason, 'unknown-client');
  });

  test('a portal that restarts is counted anew, with nothing lost or billed twice', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 10 * kilo);
    await c.portal.restart();
    const [back] = readings(await c.gateway.poll());
    assert.is(back?.open, kind === nodogsplashKind, 'nodogsplash opens what was open');
    assert.is(back?.restored, kind === nodogsplashKind);
    assert.is(back?.down, 0);
    if (back?.open) await c.gateway.close(one, [ip]);
    await c.gateway.open(one, {}, [ip]);
    c.portal.carry(one, 0, 30 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 30 * kilo);
  });

  test('a portal that comes back with an old file brings back no bytes that were billed', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 10 * kilo);
    await c.portal.restart();
    await c.gateway.close(one, [ip]);
    await c.gateway.open(one, {}, [ip]);
    c.portal.carry(one, 0, 3 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 3 * kilo);
    await c.portal.crash();
    assert.is(billed(readings(await c.gateway.poll())), 0);
    await c.gateway.close(one, [ip]);
    await c.gateway.open(one, {}, [ip]);
    c.portal.carry(one, 0, 2 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 2 * kilo);
  });

  test('empty, cut and senseless replies are faults or partial, and bill nothing', async (c) => {
    for (let i = 1; i <= 20; i++) c.portal.join(mac(i), `10.0.0.${i}`);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    await c.gateway.poll();
    c.portal.faults.empty = true;
    const empty = await c.gateway.poll();
    assert.is(empty.ok ? 'ok' : empty.reason, 'empty');
    const blind = await c.gateway.close(one, [ip]);
    assert.is(blind.ok ? 'ok' : blind.reason, 'empty', 'an empty reply is not "no such client"');
    c.portal.faults.empty = false;
    c.portal.faults.truncate = 1500;
    const cut = await c.gateway.poll();
    assert.ok(cut.ok && !cut.complete && cut.readings.every((r) => !r.gone));
    c.portal.faults.truncate = Number.POSITIVE_INFINITY;
    c.portal.carry(one, 0, kilo);
    assert.is(billed(readings(await c.gateway.poll())), kilo);
  });

  test('a reset that is nothing but a fall of the counters bills what came after it', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    await c.gateway.poll();
    c.portal.resetCounters();
    c.portal.carry(one, 0, 4 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 4 * kilo);
  });

  test('whatever is asked at once, the portal sees one connection at a time, gates before polls', async (c) => {
    for (let i = 1; i <= 30; i++) c.portal.join(mac(i), `10.0.0.${i}`);
    const done: string[] = [];
    const note = (what: string) => () => done.push(what);
    const first = c.gateway.poll().then(note('poll 1'));
    const second = c.gateway.poll().then(note('poll 2'));
    const gates = [1, 2, 3].map((n) => c.gateway.open(mac(n), {}, []).then(note(`gate ${n}`)));
    await Promise.all([first, second, ...gates]);
    assert.equal(done, ['poll 1', 'gate 1', 'gate 2', 'gate 3', 'poll 2']);
    assert.is(c.portal.server.mostAtOnce, 1);
  });

  test('a slow portal with gates to turn without an end is looked at all the same', async (c) => {
    c.portal.faults.delayMs = 20;
    const done: string[] = [];
    const gates = Array.from({ length: 40 }, (_, i) => {
      c.portal.join(mac(i + 1), `10.0.0.${i + 1}`);
      return c.gateway.open(mac(i + 1), {}, []).then(() => done.push('gate'));
    });
    const poll = c.gateway.poll().then(() => done.push('poll'));
    await Promise.all([poll, ...gates]);
    const at = done.indexOf('poll');
    assert.ok(at > 0 && at < 30, `after ${at} gates`);
  });

  test('counters that fell, one of them past where it stood, are counted from zero', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 10 * kilo, 10 * kilo);
    await c.gateway.poll();
    c.portal.resetCounters();
    c.portal.carry(one, 4 * kilo, 15 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 19 * kilo);
    assert.is(c.portal.unread(one), 0);
  });

  test('a fall that nobody saw hides what had been counted before it, and the portal’s books say so', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 1 * kilo, 10 * kilo);
    await c.gateway.poll();
    c.portal.resetCounters();
    c.portal.carry(one, 2 * kilo, 15 * kilo);
    assert.is(billed(readings(await c.gateway.poll())), 6 * kilo);
    assert.is(c.portal.unread(one), 11 * kilo);
  });

  test('a restored baseline goes on where the last run stopped', async (c) => {
    c.portal.join(one, ip);
    await c.gateway.open(one, {}, []);
    c.portal.carry(one, 0, 10 * kilo);
    const [reading] = readings(await c.gateway.poll());
    const target = { transport: 'socket', path: join(c.dir, 'ndsctl.sock') } as const;
    const later = new NdsctlPortal({ name: 'lan', target, kind, meter: pool.meter({ target, dialect }) });
    later.restore([{ ...reading!.baseline, down: bytes(4 * kilo) }], Date.now());
    assert.is(billed(readings(await later.poll())), 6 * kilo);
  });

  test('more clients than the ledger has room for are all there after it grew', async (c) => {
    for (let i = 0; i < 500; i++) c.portal.join(mac(1), `10.1.${i >> 8}.${i & 255}`);
    const outcome = await c.gateway.poll();
    assert.ok(outcome.ok && outcome.complete);
    assert.is(readings(outcome).length, 500);
  });

  const once = kind === openndsKind ? test : () => {};
  once(
    'a customer whose device the portal does not list yet is let in as they buy, and only then',
    async (c) => {
      c.portal.meet(one, ip);
      const back = await c.gateway.open(one, {}, []);
      assert.is(
        back.ok ? 'ok' : back.reason,
        'unknown-client',
        'a device that left is not taken for one that is here',
      );
      const opened = await c.gateway.open(one, { downRate: 4000 }, [], true);
      assert.ok(opened.ok && opened.after.some((reading) => reading.open && reading.ip === ip));
      assert.equal(c.portal.ratesOf(one), { up: 0, down: 4000 });
      const absent = await c.gateway.open(two, {}, ['10.0.0.2'], true);
      assert.is(absent.ok ? 'ok' : absent.reason, 'unknown-client');
    },
  );

  once('a portal that takes seconds for an answer is waited for', async (c) => {
    c.portal.join(one, ip);
    c.portal.faults.delayMs = 1_500;
    const opened = c.gateway.open(one, {}, []);
    assert.ok((await c.gateway.poll()).ok);
    assert.ok((await opened).ok);
    assert.is(c.portal.server.mostAtOnce, 1);
  });

  once('the end of the daemon does not wait for a portal that does not answer', async (c) => {
    c.portal.faults.hang = true;
    const poll = c.gateway.poll();
    const open = c.gateway.open(one, {}, []);
    const began = performance.now();
    await c.gateway.stop();
    assert.ok(performance.now() - began < 4_900, 'sooner than a silent list is given up');
    for (const outcome of await Promise.all([poll, open]))
      assert.is(outcome.ok ? 'ok' : outcome.reason, 'aborted');
  });

  test('after stop every call is answered as called off', async (c) => {
    await c.gateway.stop();
    const poll = await c.gateway.poll();
    assert.is(poll.ok ? 'ok' : poll.reason, 'aborted');
    const open = await c.gateway.open(one, {}, []);
    assert.is(open.ok ? 'ok' : open.reason, 'aborted');
  });

  if (kind === nodogsplashKind) test.after(() => pool.close());
  test.run();
}
