// The hard cap in the kernel, on real portals: with turnpike dead, with the ruleset flushed, and in its own words.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { portals } from './rig/portals.js';
import { type Rig, startRig } from './rig/rig.js';

let rig: Rig;
let daemon: DaemonProcess;
let dir: string;
let keys = 0;
const fast = { ratePerSecond: 12_500_000 };
/** What the kernel takes as one packet between virtual interfaces (GSO): the one that crosses the cap is dropped whole. */
const packet = 65_536;

async function buy(client: Client, plan: string, steps: number): Promise<Table> {
  await client.register();
  return add(client, plan, steps);
}

async function add(client: Client, plan: string, steps: number): Promise<Table> {
  keys += 1;
  const payment = { method: 'cash', reference: 'system test' };
  const sold = await daemon.call('purchase', {
    mac: client.mac,
    plan,
    steps,
    payment,
    idempotency_key: `k${keys}`,
  });
  assert.is(sold.state, 'active', JSON.stringify(sold) + daemon.log());
  return sold;
}

const ended = (id: unknown) => daemon.hear((h) => h.type === 'session.closed' && h.data.id === id);
const crossedBy = async (client: Client) => {
  const { up, down } = await client.counters();
  return up + down;
};
const status = async () => (await daemon.call('status')).backstop as Table;
const listing = () => rig.gateway.run('nft', ['list', 'table', 'inet', 'turnpike']);

/** `bytes` crossed for a cap: never above it, and the last packet at the most short of it. */
function exact(bytes: number, cap: number, what: string): void {
  console.log(`  ${what}: ${bytes} of ${cap} bytes crossed, ${bytes - cap} beyond the cap`);
  assert.ok(bytes > cap - packet, `${what}: nothing was withheld`);
  // The count on the client's own interface includes packets that the router drops later.
  assert.ok(bytes < cap + packet, `${what}: the cap held`);
}

const one = () => rig.clients[0]!;
const two = () => rig.clients[1]!;

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    rig = await startRig({ portal });
    dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
    const nft = join(dir, 'nft');
    writeFileSync(nft, `#!/bin/sh\nexec nsenter --target ${rig.gateway.pid} --net -- nft "$@"\n`);
    chmodSync(nft, 0o755);
    daemon = await startProcess(shop(rig.socket, [], portal.dialect.name), { nft });
  });

  test.after(async () => {
    await daemon?.close();
    await rig?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('the gate closes at the cap, to the packet, and what is in the kernel goes with the session', async () => {
    const sold = await buy(one(), 'data', 30);
    const before = await crossedBy(one());
    assert.is((await one().download(60_000_000, fast)).ok, false);
    const { data } = await ended(sold.id);
    assert.is(data.cause, 'data');
    exact((await crossedBy(one())) - before, 30_000_000, 'with the hard cap');
    assert.not.match(await listing(), String(sold.id), 'its quota is gone');
    assert.is((await status()).state, 'on');
  });

  test('a top-up in mid-download raises the cap in place', async () => {
    const sold = await buy(one(), 'data', 10);
    const before = await crossedBy(one());
    let more: Promise<unknown> | undefined;
    const download = await one().download(60_000_000, {
      ...fast,
      onProgress: (bytes) => {
        if (bytes > 1_000_000) more ??= add(one(), 'data', 15);
      },
    });
    await more;
    assert.is(download.ok, false);
    await ended(sold.id);
    exact((await crossedBy(one())) - before, 25_000_000, 'topped up');
  });

  test('turnpike killed before the cap: the kernel holds it, and the next start closes the gate', async () => {
    const sold = await buy(one(), 'data', 20);
    const other = await buy(two(), 'data', 500);
    const before = await crossedBy(one());
    let killed: Promise<unknown> | undefined;
    const [capped, free] = await Promise.all([
      one().download(60_000_000, {
        ...fast,
        onProgress: (bytes) => {
          if (bytes > 5_000_000) killed ??= daemon.end('SIGKILL');
        },
      }),
      two().download(40_000_000, fast),
    ]);
    await killed;
    assert.is(capped.ok, false, 'cut off with nobody there');
    assert.is(free.ok, true, 'and the other client is not');
    exact((await crossedBy(one())) - before, 20_000_000, 'with turnpike dead');
    await daemon.start();
    const { data } = await ended(sold.id);
    assert.is(data.cause, 'data');
    await daemon.call('close', { id: other.id });
  });

  test('a flushed ruleset is noticed and put back with what remains', async () => {
    const sold = await buy(one(), 'data', 100);
    await one().download(3_000_000);
    await rig.gateway.run('nft', ['delete', 'table', 'inet', 'turnpike']);
    const mended = Number((await status()).mended);
    await until('mended', async () => Number((await status()).mended) > mended);
    const used = await quotaUsed(`t_${sold.id}`);
    assert.ok(used >= 3_000_000 && used < 3_300_000, `it goes on from what was used: ${used}`);
    await daemon.call('close', { id: sold.id });
  });

  test('a table set back, switched off and mended holds the cap with turnpike dead', async () => {
    const sold = await buy(one(), 'data', 20);
    const before = await crossedBy(one());
    assert.ok((await one().download(5_000_000, fast)).ok);
    const mended = Number((await status()).mended);
    // An audit first: it records what the kernel has counted.
    const looks = Number((await status()).difference_bytes);
    await until('looked at', async () => Number((await status()).difference_bytes) !== looks);
    await rig.gateway.run('nft', ['reset', 'quotas']);
    await rig.gateway.run('nft', ['add', 'table', 'inet', 'turnpike', '{ flags dormant; }']);
    await until('mended', async () => Number((await status()).mended) > mended);
    await daemon.end('SIGKILL');
    assert.is((await one().download(60_000_000, fast)).ok, false);
    exact((await crossedBy(one())) - before, 20_000_000, 'after it was mended');
    await daemon.start();
    await ended(sold.id);
  });

  async function quotaUsed(name: string): Promise<number> {
    const json = await rig.gateway.run('nft', ['-j', 'list', 'quota', 'inet', 'turnpike', name]);
    const { nftables } = JSON.parse(json) as { nftables: { quota?: { used: number } }[] };
    return nftables.find((item) => item.quota)!.quota!.used;
  }

  test('at the end of a time session nothing passes, before the portal has answered', async () => {
    const sold = await buy(one(), 'time', 2);
    const download = await one().download(100_000_000, { ratePerSecond: 1_000_000 });
    assert.is(download.ok, false);
    const { data } = await ended(sold.id);
    assert.is(data.cause, 'time');
    assert.ok(download.bytes < 3_500_000, `${download.bytes} bytes at 1 MB/s in a session of 2 s`);
  });

  test('the kernel and the portal agree, and status says by how much', async () => {
    const sold = await buy(one(), 'data', 100);
    await one().download(20_000_000);
    // At first the kernel is ahead by what the portal has not been asked about yet.
    let report: Table = {};
    const agree = async () => {
      report = await status();
      return Number(report.difference_bytes) > 0 && Number(report.difference_ratio) < 0.01;
    };
    await until('less than 1% apart', agree, () => report);
    console.log(`  kernel and portal: ${report.difference_bytes} bytes apart in 20 MB`);
    await daemon.call('close', { id: sold.id });
  });

  test.run();
}
