// What nodogsplash does and openNDS does not: it remembers its clients over a restart, has a page on which customers
// let themselves in and out, and shuts out clients that it takes for idle.
import { existsSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { type DaemonProcess, type Heard, shop, startProcess } from '../../rig/daemon.js';
import { until } from '../../rig/until.js';
import type { Client } from '../rig/client.js';
import { gatewayAddress } from '../rig/network.js';
import { noDogSplash } from '../rig/nodogsplash.js';
import { type Rig, startRig } from '../rig/rig.js';

const page = `http://${gatewayAddress}:2050`;

let rig: Rig;
let daemon: DaemonProcess;
let keys = 0;

const one = () => rig.clients[0]!;
const two = () => rig.clients[1]!;
/** The machine of the first client. */
const room = () => rig.rooms[2]!;
const session = (id: unknown) => daemon.call('session', { id });
const used = (s: Table) => Number(s.up_bytes) + Number(s.down_bytes);
const gateway = async () => ((await daemon.call('status')).gateways as Table[])[0]!;
const said = (text: string) => daemon.log().split(text).length - 1;

async function crossedBy(client: Client): Promise<number> {
  const { up, down } = await client.counters();
  return up + down;
}

async function buy(client: Client): Promise<Table> {
  await client.register();
  keys += 1;
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac: client.mac, plan: 'data', steps: 100, payment, idempotency_key: `k${keys}` };
  const sold = await daemon.call('purchase', order);
  assert.is(sold.state, 'active', JSON.stringify(sold) + daemon.log());
  return sold;
}

/** Downloads, and waits until the portal has told of it. */
async function use(id: unknown, bytes: number): Promise<void> {
  const before = used(await session(id));
  assert.ok((await one().download(bytes)).ok);
  await until('counted', async () => used(await session(id)) >= before + bytes);
}

/** Runs `shut`, and waits until turnpike has opened the first client's gate again. */
async function around(shut: () => Promise<unknown>): Promise<void> {
  const opened = () => rig.portalLog().split(` Authenticating ${one().ip} `).length;
  const before = opened();
  await shut();
  await until('opened again', () => opened() > before);
  await until('let in again', async () => (await one().visit()) === 200);
}

/** Runs `restart`, and waits until turnpike has seen what the portal came back with and the client is in. */
async function through(restart: () => Promise<void>): Promise<void> {
  const seen = `shut ${one().mac}, let in by a restart`;
  const before = said(seen);
  await restart();
  // Releases up to 5.0.2 write no file, and know nobody after a restart.
  if (existsSync(rig.gateway.path('/tmp/nds.state'))) await until('seen', () => said(seen) > before);
  await until('let in', async () => (await one().visit()) === 200);
}

/** Closes the session: it has been billed what crossed since `before`, no less and no more. */
async function settle(id: unknown, before: number, what: string): Promise<void> {
  const crossed = (await crossedBy(one())) - before;
  await daemon.call('close', { id });
  await until('closed', async () => (await session(id)).state === 'terminated');
  const ratio = used(await session(id)) / crossed;
  console.log(
    `  ${what}: counted ${used(await session(id))} of ${crossed} bytes (${(ratio * 100).toFixed(3)}%)`,
  );
  assert.ok(ratio > 0.99 && ratio <= 1, `${ratio}`);
}

/** `program`: a real nodogsplash. */
export function alone(test: ReturnType<typeof suite>, program: string): void {
  test.before(async () => {
    rig = await startRig({ portal: noDogSplash(program, 'authidletimeout 1\ncheckinterval 1\n') });
    daemon = await startProcess(shop(rig.socket, ["poll_max '500ms'"], 'nodogsplash'));
  });

  test.after(async () => {
    await daemon?.close();
    await rig?.stop();
  });

  test('restarted, it opens the gate by itself: what passes afterwards is counted, what passed before is not again', async () => {
    const sold = await buy(one());
    const before = await crossedBy(one());
    await use(sold.id, 5_000_000);
    await through(() => rig.restartPortal());
    await use(sold.id, 3_000_000);
    await settle(sold.id, before, 'through a restart');
  });

  test('after a crash it comes back with an old file: nobody pays for that, and nobody gets in by it', async () => {
    const sold = await buy(one());
    const other = await buy(two());
    const before = await crossedBy(one());
    await use(sold.id, 6_000_000);
    assert.ok((await two().download(4_000_000)).ok);
    await until('counted', async () => used(await session(other.id)) >= 4_000_000);
    await through(() => rig.restartPortal());
    await daemon.call('close', { id: other.id });
    await until('shut', async () => (await two().visit()) === 307);
    await use(sold.id, 2_000_000);
    const crash = async () => {
      await rig.killPortal();
      await rig.startPortal();
    };
    await through(crash);
    await until('shut again', async () => (await two().visit()) === 307);
    await use(sold.id, 2_000_000);
    await settle(sold.id, before, 'through a crash');
  });

  test('restarted while turnpike is dead: the same', async () => {
    const sold = await buy(one());
    const before = await crossedBy(one());
    await use(sold.id, 4_000_000);
    // turnpike has written this usage to its disk, so it is not lost although the portal forgets it.
    const written = (h: Heard) => h.type === 'session.usage' && h.data.id === sold.id;
    await daemon.hear((h) => written(h) && used(h.data) >= 4_000_000);
    await daemon.end('SIGKILL');
    await through(async () => {
      await rig.restartPortal();
      await daemon.start();
    });
    await use(sold.id, 3_000_000);
    await settle(sold.id, before, 'through both');
  });

  test('who lets himself in by its page is shut, however odd the reply of his first second', async () => {
    await one().register();
    const html = await room().run('curl', ['-s', `${page}/splash.html`]);
    const [link = ''] = html.match(/http:[^"]+/) ?? [];
    await room().run('curl', ['-s', link.replaceAll('&amp;', '&')]);
    assert.match(rig.portalLog(), `Client [${one().mac}, ${one().ip}] authenticated`);
    await until('shut', async () => (await one().visit()) === 307);
    const { failed_polls, partial_polls, state } = await gateway();
    console.log(`  ${failed_polls} failed polls, ${partial_polls} partial`);
    assert.is(state, 'up');
    assert.is(partial_polls, 0);
  });

  test('who lets himself out by its page is let in again with what remains', async () => {
    const sold = await buy(one());
    const before = await crossedBy(one());
    await use(sold.id, 2_000_000);
    await around(() => room().run('curl', ['-s', `${page}/nodogsplash_deny/`]));
    await use(sold.id, 2_000_000);
    await settle(sold.id, before, 'let out by the page');
  });

  test('shut out as idle by nodogsplash, a customer is let in again with what remains', async () => {
    const sold = await buy(one());
    const before = await crossedBy(one());
    await use(sold.id, 2_000_000);
    const idle = () => rig.portalLog().includes(`Timeout authenticated idle user: ${one().ip}`);
    await around(() => until('idle', idle));
    await use(sold.id, 2_000_000);
    await settle(sold.id, before, 'idle for a minute');
  });

  test('a device that comes back under another address is let in there, and shut on both', async () => {
    const sold = await buy(one());
    const before = await crossedBy(one());
    await use(sold.id, 3_000_000);
    const address = (ip: string) =>
      room().run('sh', [
        '-c',
        `ip addr flush dev eth0 && ip addr add ${ip}/24 dev eth0 && ip route add default via ${gatewayAddress}`,
      ]);
    await address('10.77.0.99');
    await until('let in', async () => (await one().visit()) === 200);
    await use(sold.id, 3_000_000);
    await settle(sold.id, before, 'on two addresses');
    assert.is(await one().visit(), 307);
    await address(one().ip);
    assert.is(await one().visit(), 307);
  });
}
