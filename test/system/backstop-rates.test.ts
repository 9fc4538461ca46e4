// Rates in the kernel, on real portals: what passes in a measured time, a rate that changes while the gate is open,
// and that what is dropped is in no quota, no counter and no bill.
import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { stoodStill } from '../rig/standstill.js';
import { until } from '../rig/until.js';
import { nftIn } from './rig/kernel-shop.js';
import { serverAddress } from './rig/network.js';
import { portals } from './rig/portals.js';
import { type Rig, startRig } from './rig/rig.js';

let rig: Rig;
let daemon: DaemonProcess;
let nft: ReturnType<typeof nftIn>;
let keys = 0;

/** Bytes that a limit lets pass beside its rate in any time: a second of it, and the burst. */
const ahead = (rate: number) => rate + 15_000;
const plan = (name: string, up: string, down: string) => `config plan '${name}'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 USD'
	option up_rate '${up}'
	option down_rate '${down}'
`;

/** Counts at the web server: what it sent before the limit, and what of a client's arrived behind it. */
const atServer = `
table ip crossed {
  counter sent { }
  counter arrived { }
  chain out { type filter hook postrouting priority 300; counter name sent; }
  chain in { type filter hook prerouting priority -300; counter name arrived; }
}
`;

const client = () => rig.clients[0]!;
const server = () => rig.rooms[1]!;
const room = () => rig.rooms[2]!;

async function buy(name: string): Promise<string> {
  keys += 1;
  const payment = { method: 'cash', reference: 'system test' };
  const what = { mac: client().mac, plan: name, steps: 100, payment, idempotency_key: `k${keys}` };
  const sold = await daemon.call('purchase', what);
  const isOpen = async () => (await daemon.call('session', { id: sold.id })).state === 'active';
  await until('the gate is open', isOpen, () => JSON.stringify(sold) + daemon.log());
  return String(sold.id);
}

interface Listed {
  readonly quota?: { readonly name: string; readonly used: number };
  readonly counter?: { readonly name: string; readonly bytes: number };
  readonly limit?: { readonly name: string; readonly rate: number; readonly rate_unit: string };
}

async function listed(): Promise<readonly Listed[]> {
  const json = await rig.gateway.run('nft', ['-j', 'list', 'table', 'inet', 'turnpike']);
  return (JSON.parse(json) as { nftables: Listed[] }).nftables;
}

/** What the kernel has counted of a session. */
async function counted(id: string): Promise<{ quota: number; counter: number }> {
  const items = await listed();
  const isOf = (name: string | undefined, kind: string) => new RegExp(`^${kind}\\d+_${id}`).test(name ?? '');
  const quota = items.find((i) => isOf(i.quota?.name, 't'))!.quota!.used;
  const counters = items.filter((i) => isOf(i.counter?.name, 'c[ud]')).map((i) => i.counter!.bytes);
  return { quota, counter: counters.reduce((sum, bytes) => sum + bytes, 0) };
}

async function serverCount(name: 'sent' | 'arrived'): Promise<number> {
  const list = await server().run('nft', ['list', 'counter', 'ip', 'crossed', name]);
  return Number(list.match(/bytes (\d+)/)?.[1]);
}

/** Resolves when nothing is on its way any more, as after the end of a download. */
async function atRest(): Promise<void> {
  let [before, same] = [-1, 0];
  await until('nothing on its way', async () => {
    const now = (await crossed()) + (await serverCount('sent')) + (await serverCount('arrived'));
    same = now === before ? same + 1 : 0;
    before = now;
    return same >= 10;
  });
}

/** In how many seconds bytes passed, at the most, and in how many of these the machine stood still. */
interface Time {
  readonly took: number;
  readonly still: number;
}

/** What `read` grew by while `act` went on, and in which time. */
async function during(act: () => Promise<unknown>, read: () => Promise<number>): Promise<[number, Time]> {
  const [began, still] = [performance.now(), stoodStill()];
  const before = await read();
  await act();
  const bytes = (await read()) - before;
  return [bytes, { took: (performance.now() - began) / 1000, still: (stoodStill() - still) / 1000 }];
}

/** `bytes` passed a limit of `kbit` in this time: never more than it can let pass, and most of that. */
function near(kbit: number, [bytes, { took, still }]: readonly [number, Time], what: string): void {
  const rate = kbit * 125;
  console.log(`  ${what}: ${((bytes / rate / took) * 100).toFixed(1)}% of ${kbit} kbit/s`);
  assert.ok(bytes <= rate * took + ahead(rate), `${what}: ${bytes} bytes in ${took} s`);
  assert.ok(bytes >= rate * (took - still) * 0.75, `${what}: ${bytes} bytes in ${took} s, ${still} s still`);
}

const downBytes = async () => (await client().counters()).down;
const crossed = async () => (await client().counters()).up + (await downBytes());

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    rig = await startRig({ clients: 1, portal });
    nft = nftIn(rig.gateway);
    await server().run('nft', ['-f', '-'], atServer);
    const plans = plan('slow', '512', '2 Mbit') + plan('fast', '2 Mbit', '8 Mbit');
    daemon = await startProcess(shop(rig.socket, [], portal.dialect.name) + plans, { nft: nft.file });
  });

  test.after(async () => {
    await daemon?.close();
    await rig?.stop();
    nft?.remove();
  });

  test('a download goes at the rate of its plan, then at that of the next, through an open gate', async () => {
    await client().register();
    const start = await crossed();
    const id = await buy('slow');
    const stop = new AbortController();
    const download = client().download(50_000_000, { signal: stop.signal });
    near(2000, await during(() => pause(3_000), downBytes), 'with the first second, which passes ahead');
    near(2000, await during(() => pause(6_000), downBytes), '2 Mbit/s');
    const before = await counted(id);
    assert.is(await buy('fast'), id, 'a top-up');
    assert.ok((await counted(id)).quota >= before.quota, 'nothing of the quota is lost');
    const names = (await listed()).flatMap(({ limit }) => limit?.name ?? []);
    assert.equal(names.map((name) => name.replace(/\d+/, '')).sort(), [`rd_${id}_8000`, `ru_${id}_2000`]);
    // The sender finds out by and by that there is more room.
    await pause(2000);
    near(8000, await during(() => pause(6_000), downBytes), '8 Mbit/s');
    stop.abort();
    assert.ok((await download).bytes > 2_000_000 + 6_000_000, 'one connection all the time');
    assert.is(daemon.heard.filter((h) => h.type === 'session.opened').length, 1);
    await atRest();
    const { quota, counter } = await counted(id);
    const moved = (await crossed()) - start;
    console.log(`  ${moved} bytes crossed, quota ${quota}, counter ${counter}`);
    assert.is(counter, quota);
    assert.ok(Math.abs(moved - quota) < 3000, 'what crossed, and nothing else');
    await daemon.call('close', { id });
  });

  test('what a limit drops of a download is in no quota and no counter', async () => {
    await client().register();
    const start = await crossed();
    const [sent, down] = [await serverCount('sent'), await downBytes()];
    const id = await buy('slow');
    assert.ok((await client().download(1_500_000)).ok);
    await atRest();
    const dropped = (await serverCount('sent')) - sent - ((await downBytes()) - down);
    const { quota, counter } = await counted(id);
    console.log(`  ${dropped} bytes dropped, quota ${quota}, counter ${counter}`);
    assert.ok(dropped > 50_000, 'the server sent more than arrived');
    const moved = (await crossed()) - start;
    assert.is(counter, quota);
    assert.ok(Math.abs(moved - quota) < 3000, `${moved} bytes crossed`);
    await daemon.call('close', { id });
  });

  /** Sends datagrams of 1,500 bytes, `rate` bytes a second for `seconds`: a sender that no loss slows down. */
  const flood = `
const [address, rate, seconds] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
const began = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const elapsed = (performance.now() - began) / 1000;
  for (; sent < elapsed * rate; sent += 1500) socket.send(Buffer.alloc(1472), 9, address);
  if (elapsed < seconds) return;
  clearInterval(timer);
  socket.close();
}, 5);
`;

  test('nor is what it drops of an upload that no loss slows down', async () => {
    await client().register();
    const before = await client().counters();
    const arrived = await serverCount('arrived');
    const id = await buy('slow');
    const flooding = () => room().run(process.execPath, ['-e', flood, serverAddress, '128000', '4']);
    near(
      512,
      await during(flooding, () => serverCount('arrived')),
      'datagrams at twice the rate, with the first second',
    );
    await atRest();
    const passed = (await serverCount('arrived')) - arrived;
    const { quota, counter } = await counted(id);
    const { up, down } = await client().counters();
    const sent = up - before.up;
    console.log(`  ${sent} bytes sent, ${passed} arrived, quota ${quota}, counter ${counter}`);
    assert.ok(sent > passed + 100_000, 'the client sent more than arrived');
    assert.is(counter, quota);
    // The server says that nobody listens.
    assert.ok(Math.abs(passed + down - before.down - quota) < 3000, `${down - before.down} bytes came back`);
    await daemon.call('close', { id });
    const { data } = await daemon.hear((h) => h.type === 'session.closed' && h.data.id === id);
    const billed = Number((data.used as Table).bytes);
    console.log(`  ${billed} bytes billed`);
    assert.is(billed, quota, 'nor is it billed');
  });

  test.run();
}
