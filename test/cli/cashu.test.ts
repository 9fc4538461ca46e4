// The bundle sells for tokens and for what a provider's message says is paid, and an owner takes the tokens out.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { parseMac } from '../../src/domain/mac.js';
import { proofsOf, tokenOf } from '../../src/payments/cashu/ecash.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mintAt } from '../payments/cashu/coins.js';
import { TestMint } from '../payments/cashu/mint.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { freeTcpPort } from '../rig/free-port.js';
import { until } from '../rig/until.js';
import { turnpike } from './turnpike.js';

const devices = ['02:00:00:00:00:01', '02:00:00:00:00:02'].map((text) => parseMac(text)!);
const secret = 'whsec_of_stripe_0001';

interface Context {
  dir: string;
  portal: SimulatedPortal;
  mint: TestMint;
  server: Server;
  url: string;
  page: number;
  daemon: DaemonProcess;
}

const test = suite<Context>('the daemon, paid elsewhere');

test.before(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(opennds, path);
  await c.portal.start();
  devices.forEach((mac, at) => void c.portal.join(mac, `10.0.0.${at + 1}`));
  c.mint = new TestMint();
  c.server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const body = parts.length > 0 ? Buffer.concat(parts).toString() : undefined;
      const reply = await c.mint.request(`${mintAt}${request.url}`, 0, body);
      response
        .writeHead(reply.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => c.server.listen(0, '127.0.0.1', resolve));
  c.url = `http://127.0.0.1:${(c.server.address() as AddressInfo).port}`;
  c.page = await freeTcpPort();
  const sections = `${shop(path)}config plan 'sats'
	option metric 'bytes'
	option step '1 MB'
	list price '10 SAT'
config cashu 'cashu'
	option enabled '1'
	list mint '${c.url} sat'
config hook 'card'
	option enabled '1'
	option signature 'stripe'
	list currency 'USD 2'
config web 'web'
	list listen '127.0.0.1:${c.page}'
`;
  c.daemon = await startProcess(sections, { secrets: `config secret 'card'\n\toption secret '${secret}'\n` });
});

test.after(async (c) => {
  await c.daemon?.close();
  await c.portal.stop();
  c.server.closeAllConnections();
  await new Promise((resolve) => c.server.close(resolve));
  rmSync(c.dir, { recursive: true });
});

test('a token buys, its change is in the reply, and the money is in a file for its owner alone', async (c) => {
  const token = tokenOf(c.url, 'sat', c.mint.issue(27));
  const payment = { method: 'cashu', token };
  const order = { mac: devices[0]!, plan: 'sats', payment, idempotency_key: 'k' };
  const sold = (await c.daemon.call('purchase', order)) as {
    state: string;
    returned: { amount: string; token: string }[];
  };
  assert.equal([sold.state, sold.returned.map(({ amount }) => amount)], ['active', ['7']]);
  const file = join(c.daemon.dir, 'state', 'cashu');
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.not(c.daemon.log().includes('cashuB'));
});

test('the owner takes out what was used, once, into a file for themselves alone', async (c) => {
  const output = join(c.dir, 'earned.csv');
  const exported = () => turnpike('cashu', 'export', '--socket', c.daemon.socket, '--output', output);
  assert.is((await exported()).out, `0 tokens were written to ${output}\n`);
  c.portal.carry(devices[0]!, 1_500_000, 0);
  await until('the use is counted', async () => {
    const { used } = (await c.daemon.call('usage', { mac: devices[0]! })) as { used: { bytes: number } };
    return used.bytes > 1_000_000;
  });
  await c.daemon.call('close', { mac: devices[0]! });
  await until('the session is over and its money is taken out', async () => {
    await exported();
    return statSync(output).size > 0;
  });
  const [line, ...others] = readFileSync(output, 'utf8').trim().split('\n');
  const [mint, amount, currency, token] = line!.split(',');
  assert.equal([mint, currency, others.length], [c.url, 'SAT', 0]);
  assert.ok(c.mint.areGood(proofsOf(token!, c.mint.keysets)));
  assert.is(amount, '20', 'both steps were begun');
  assert.is(statSync(output).mode & 0o777, 0o600);
  assert.is((await exported()).out, `0 tokens were written to ${output}\n`);
});

test('a provider’s signed message to the page opens the gate', async (c) => {
  const order = (await c.daemon.call('order_create', {
    mac: devices[1]!,
    plan: 'data',
    steps: 4,
    hook: 'card',
  })) as {
    id: string;
    amount: string;
  };
  assert.is(order.amount, '0.20');
  const object = { payment_status: 'paid', amount_total: 20, currency: 'usd', metadata: { order: order.id } };
  const payload = JSON.stringify({ type: 'checkout.session.completed', data: { object } });
  const signed = await Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret });
  const post = (signature: string) =>
    fetch(`http://127.0.0.1:${c.page}/hooks/card`, {
      method: 'POST',
      headers: { 'stripe-signature': signature },
      body: payload,
    }).then(({ status }) => status);
  assert.equal(
    [await post(signed.replace(/v1=./, 'v1=_')), await post(signed), await post(signed)],
    [400, 200, 200],
  );
  const { state, session } = (await c.daemon.call('order', { id: order.id })) as Record<string, string>;
  assert.is(state, 'sold');
  assert.is(((await c.daemon.call('session', { id: session! })) as { lots_count: number }).lots_count, 1);
});

test.run();
