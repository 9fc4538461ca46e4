// Somebody flushes the whole ruleset, beside a real portal and with traffic: as a firewall's restart does.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Table } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { childrenOf } from '../rig/children.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { stoodStill } from '../rig/standstill.js';
import { crowding, until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { startAt } from './rig/kernel-shop.js';
import { gates } from './rig/portals.js';
import { type Rig, startRig } from './rig/rig.js';

/** From the kernel's word that the table is gone to its word that it is back, in ms of an idle machine, at the median. */
const [backMs, flushes] = [300, 5];
/** A packet that would cross a cap is dropped whole, in bytes, and so much more may pass while there is no table. */
const [packet, fast] = [65_536, { ratePerSecond: 2_500_000 }];

let rig: Rig;
let daemon: DaemonProcess;
let dir: string;
let keys = 0;

/** What the kernel said of our table, and when it was heard. */
const heard: { at: number; line: string }[] = [];

async function buy(client: Client, steps: number): Promise<Table> {
  keys += 1;
  await client.register();
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac: client.mac, plan: 'data', steps, payment, idempotency_key: `k${keys}` };
  const sold = await daemon.call('purchase', order);
  const isOpen = async () => (await daemon.call('session', { id: sold.id })).state === 'active';
  await until('the gate is open', isOpen, () => JSON.stringify(sold) + daemon.log());
  return sold;
}

const crossed = async (client: Client) => {
  const { up, down } = await client.counters();
  return up + down;
};
const portal = async () => ((await daemon.call('status')).gateways as Table[])[0]!;
const one = () => rig.clients[0]!;
const two = () => rig.clients[1]!;

/** Flushes, and gives the ms from the kernel's word that the table is gone to its word that it is back. */
async function flush(): Promise<number> {
  heard.length = 0;
  await rig.gateway.run('nft', ['flush', 'ruleset']);
  const { ms } = await until('the table back', () => {
    // Lines of an earlier write may still come.
    const since = heard.findIndex(({ line }) => line.startsWith('delete table inet turnpike'));
    const back = heard.find(({ line }, i) => i > since && line.startsWith('add rule inet turnpike hold'));
    return since >= 0 && back && { ms: back.at - heard[since]!.at };
  });
  return ms;
}

for (const kind of gates()) {
  const test = suite(kind.title);
  const isProgram = !('isOwn' in kind);

  test.before(async () => {
    rig = await startRig({ portal: kind });
    dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
    const [nft, restart] = [join(dir, 'nft'), join(dir, 'restart')];
    writeFileSync(nft, `#!/bin/sh\nexec nsenter --target ${rig.gateway.pid} --net -- nft "$@"\n`);
    writeFileSync(restart, `#!/bin/sh\necho "$1" >>${dir}/restarted\n`);
    for (const file of [nft, restart]) chmodSync(file, 0o755);
    daemon = await startAt(rig, isProgram ? [`restart '${restart}'`] : [], { nft });
    const ear = rig.gateway.start('nft', ['monitor']);
    createInterface(ear.stdout).on('line', (line) => heard.push({ at: performance.now(), line }));
    await until('an ear', async () => {
      await rig.gateway.run('nft', ['add', 'table', 'ip', 'ear']);
      await rig.gateway.run('nft', ['delete', 'table', 'ip', 'ear']);
      return heard.some(({ line }) => line.includes('ip ear'));
    });
  });

  test.after(async () => {
    await daemon?.close();
    await rig?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('the table is back, a customer goes on to their cap, and nobody else passes', async () => {
    const sold = await buy(one(), 20);
    await two().register();
    const [paid, unpaid, still] = [await crossed(one()), await crossed(two()), stoodStill()];
    let flushed: Promise<number> | undefined;
    const [download, stolen] = await Promise.all([
      one().download(60_000_000, {
        ...fast,
        onProgress: (bytes) => {
          if (bytes > 5_000_000) flushed ??= flush();
        },
      }),
      until('flushed', () => flushed).then(async (taken) => {
        const took = await taken;
        console.log(`  the table was back after ${took.toFixed(0)} ms`);
        return two().download(1_000_000);
      }),
    ]);
    assert.is(download.ok, false, 'the cap holds');
    assert.is(stolen.ok, false, 'nobody passes unpaid');
    const through = (await crossed(one())) - paid;
    // What passed between the last reading, up to 1 s before, and the new table was counted by nobody.
    const seconds = 1.5 * crowding() + (stoodStill() - still) / 1_000;
    const uncounted = fast.ratePerSecond * seconds + packet;
    console.log(`  ${through} of 20000000 bytes crossed; unpaid: ${(await crossed(two())) - unpaid}`);
    assert.ok(through > 20_000_000 - packet, `${through}: what was paid for arrived`);
    assert.ok(through < 20_000_000 + uncounted + packet, `${through}: and not much more`);
    assert.ok((await crossed(two())) - unpaid < 50_000, 'unpaid');
    const { data } = await daemon.hear((h) => h.type === 'session.closed' && h.data.id === sold.id);
    assert.is(data.cause, 'data');
  });

  const ofProgram = isProgram ? test : () => {};
  ofProgram(
    'status names the portal’s rules that are missing, and the portal is restarted, once',
    async () => {
      await until('named', async () => /own rules are missing/.test(String((await portal()).error)));
      const calls = () =>
        existsSync(join(dir, 'restarted')) ? readFileSync(join(dir, 'restarted'), 'utf8') : '';
      await until('restarted', () => calls() !== '');
      assert.is(calls(), 'restart\n');
      assert.match(daemon.log(), 'lan: restarting the portal');
      await rig.restartPortal();
      await until(
        'all well',
        async () => (await portal()).error === '',
        async () => (await portal()).error,
      );
      assert.is(calls(), 'restart\n');
    },
  );

  test('no process that listens is left behind, however the daemon ends', async () => {
    // Others come and go: they read counters, and write.
    const before = childrenOf(daemon.pid()).filter(({ command }) => command.includes('monitor'));
    assert.is(before.length, 1);
    await daemon.end('SIGTERM');
    for (const { pid } of before) assert.not(existsSync(`/proc/${pid}`), String(pid));
    await daemon.start();
    const after = childrenOf(daemon.pid());
    await daemon.end('SIGKILL');
    await rig.gateway.run('nft', ['add', 'table', 'ip', 'ear']);
    await until('gone with the next word', () => after.every(({ pid }) => !existsSync(`/proc/${pid}`)));
    await daemon.start();
  });

  test('the table is back at once, with nobody there who moves anything', async () => {
    const took: number[] = [];
    for (let i = 0; i < flushes; i++) took.push(await flush());
    const [median, shown] = [took.toSorted((a, b) => a - b)[flushes >> 1]!, took.map((ms) => ms.toFixed(0))];
    console.log(`  the table was back after ${median.toFixed(0)} ms at the median of ${shown.join(', ')}`);
    assert.ok(median < backMs * crowding(), `${shown.join()} ms`);
  });

  test.run();
}
