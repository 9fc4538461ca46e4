// A real openNDS that never opens a gate, for its answer to each `auth` is No, and a customer who goes on over IPv6, of which it
// sees nothing: what crossed is billed, and so is their time.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { nftIn } from './rig/kernel-shop.js';
import { ask } from './rig/portal.js';
import { type Rig, startRig } from './rig/rig.js';

const plan = `config plan 'pausing'
	option metric 'time'
	option step '1s'
	option pause_away '1'
	list price '0.01 USD'
`;

let dir: string;
let rig: Rig;
let nft: ReturnType<typeof nftIn>;
let between: Server;
let daemon: DaemonProcess;
const client = () => rig.clients[0]!;

/** Hands all on but `auth`. */
function refusing(socket: string): Server {
  return createServer((caller) => {
    caller.once('data', async (line) => {
      const command = String(line).trim();
      caller.end(command.startsWith('auth') ? 'No' : await ask(socket, command).catch(() => ''));
    });
    caller.on('error', () => {});
  });
}

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  rig = await startRig({ clients: 1, ipv6: true });
  nft = nftIn(rig.gateway);
  between = refusing(rig.socket);
  const socket = join(dir, 'ndsctl.sock');
  await new Promise<void>((done) => between.listen(socket, done));
  daemon = await startProcess(shop(socket) + plan, { nft: nft.file });
});

test.after(async () => {
  await daemon?.close();
  between?.close();
  await rig?.stop();
  nft?.remove();
  rmSync(dir, { recursive: true, force: true });
});

async function crossed(): Promise<number> {
  const { up, down } = await client().counters();
  return up + down;
}

async function bought(key: string): Promise<{ id: unknown; now: () => Promise<Table> }> {
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac: client().mac, plan: 'pausing', steps: 5, payment, idempotency_key: key };
  const { id } = await daemon.call('purchase', order);
  return { id, now: () => daemon.call('session', { id }) };
}

test('who has bought is not charged while nothing of theirs crosses, and status says that a gate fails', async () => {
  await client().register();
  const { id, now } = await bought('k1');
  const failing = async () => ((await daemon.call('status')).gateways as Table[])[0]!.gates_failing;
  await until('a gate fails', async () => (await failing()) === 1);
  assert.is((await now()).state, 'pending');
  await daemon.call('close', { id });
  const { used, refunds } = await now();
  const [refund] = refunds as Table[];
  assert.equal([used, refund?.amount, refund?.state], [{ seconds: 0 }, '0.05', 'owed']);
});

test('what crosses over IPv6 is billed, its time as well, and it ends with that', async () => {
  const { now } = await bought('k2');
  const before = await crossed();
  const began = performance.now();
  // As fast as it may be: it goes on until it is cut.
  const stopping = new AbortController();
  const download = client().download(400_000_000, {
    ipv6: true,
    ratePerSecond: 1_000_000,
    signal: stopping.signal,
  });
  await until('over', async () => (await now()).state === 'expired', now);
  const seconds = (performance.now() - began) / 1000;
  stopping.abort();
  await download;
  const passed = (await crossed()) - before;
  const { up_bytes, down_bytes } = await now();
  const billed = Number(up_bytes) + Number(down_bytes);
  console.log(`  ${passed} crossed, ${billed} billed, over after ${seconds.toFixed(1)} s`);
  assert.ok(Math.abs(billed - passed) < passed * 0.005, `${billed} billed, ${passed} crossed`);
  assert.ok(passed > 1_000_000);
});

test.run();
