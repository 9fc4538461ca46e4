import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, UbusClient } from 'openwrt-ubus';
import { loadConfig } from '../../src/config/config.js';
import { opennds } from '../../src/domain/dialect.js';
import { parseMac } from '../../src/domain/mac.js';
import { logTo } from '../../src/log.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import type { SessionRequirements } from '../../src/payments/wallet/session/requirements.js';
import type { Log } from '../../src/ports/log.js';
import { anvilFile, chainId } from '../simulators/anvil.js';
import { UbusBroker } from '../simulators/broker/broker.js';
import { type Balances, currency, DemoChain, decimals, keyOf } from '../simulators/chain.js';
import { SimulatedPortal } from '../simulators/portal.js';

/** What is bought and what is used of it: a unit is 1 KiB and costs the smallest unit of the token. */
const [bought, used] = [1_000_000, 312_345];
const unitBytes = 1024;
const mac = parseMac('02:77:00:00:00:01')!;
const waitMs = 50;
const limitMs = 60_000;

/** A facilitator that serves, see src/facilitator/main.ts. */
type RunFacilitator = (
  file: string,
  log: Log,
) => Promise<{ readonly url: string; stop(): Promise<void> } | undefined>;

export interface EscrowDemoOptions {
  /** Prints one line of JSON at the end and nothing else. */
  readonly json: boolean;
  readonly worker: URL;
  readonly runFacilitator: RunFacilitator;
}

/** What came of it. */
interface Outcome {
  readonly before: Balances;
  readonly during: Balances;
  readonly after: Balances;
  readonly gateMs: number;
}

/**
 * The whole circle in one process, but for the chain, which is a child: a wallet pays in, uses a part of it on a
 * simulated portal, and gets the rest back. @returns the exit code
 */
export async function runEscrowDemo(options: EscrowDemoOptions): Promise<number> {
  if (anvilFile === undefined) {
    process.stderr.write(
      'turnpike demo --escrow: anvil cannot run here; it comes with `npm ci`, for x86-64\n',
    );
    return 1;
  }
  const log = logTo(
    (line) => process.stderr.write(line),
    () => (options.json ? 'error' : 'info'),
    false,
  );
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-demo-'));
  const ends: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];
  try {
    const outcome = await play(directory, options, log, ends);
    process.stdout.write(options.json ? `${JSON.stringify(summaryOf(outcome))}\n` : tableOf(outcome));
    return 0;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function play(
  directory: string,
  { worker, runFacilitator }: EscrowDemoOptions,
  log: Log,
  ends: (() => unknown)[],
): Promise<Outcome> {
  const chain = await DemoChain.start();
  ends.push(() => chain.anvil.stop());
  const facilitator = await runFacilitator(facilitatorFile(directory, chain), log);
  if (!facilitator) throw new Error('the facilitator does not start');
  ends.push(() => facilitator.stop());
  const sockets = { ubus: join(directory, 'ubus.sock'), portal: join(directory, 'ndsctl.sock') };
  const broker = new UbusBroker(sockets.ubus);
  const portal = new SimulatedPortal(opennds, sockets.portal);
  await Promise.all([broker.start(), portal.start()]);
  ends.push(() => Promise.all([broker.stop(), portal.stop()]));
  const text = configText(directory, sockets, chain, facilitator.url);
  const secrets = {
    text: `config secret 'escrow'\n\toption key '${keyOf(2)}'\n`,
    file: 'the demo’s secrets',
  };
  const load = () => loadConfig(text, 'the demo’s configuration', secrets);
  const daemon = await startDaemon({ load, log, worker });
  ends.push(() => daemon.stop());
  const bus = new UbusClient({ socket: sockets.ubus });
  await bus.connect();
  ends.push(() => bus.close());
  return visit(chain, portal, bus, daemon);
}

/** One customer, from the quote to the money that he gets back. */
async function visit(
  chain: DemoChain,
  portal: SimulatedPortal,
  bus: UbusClient,
  daemon: Daemon,
): Promise<Outcome> {
  const call = async (method: string, args: Table) => (await bus.call('turnpike', method, args)) ?? {};
  const before = await chain.balances();
  portal.join(mac, '10.77.0.2');
  const asked = await until(async () => {
    const { payment } = await call('quote', { plan: 'data', steps: bought });
    const [{ requirements }] = payment as unknown as [{ requirements: SessionRequirements }];
    return requirements.extra.name === undefined ? undefined : requirements;
  });
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { payment, sessionId } = await chain.buyer.pay(asked, BigInt(bought), now);
  const started = performance.now();
  const order = { mac, plan: 'data', steps: bought, payment: payment as Table, idempotency_key: sessionId };
  const session = await until(async () => {
    const reply = await call('purchase', order);
    const { error } = reply as { error?: { code: string; message: string } };
    if (error && error.code !== 'payment_pending') throw new Error(`${error.code}: ${error.message}`);
    return reply.state === 'active' ? reply : undefined;
  });
  const gateMs = performance.now() - started;
  const during = await chain.balances();
  portal.carry(mac, 0, used * unitBytes);
  const isCounted = async () => (await call('session', { id: session.id! })).down_bytes === used * unitBytes;
  await until(async () => (await isCounted()) || undefined);
  await call('close', { id: session.id! });
  await until(async () => daemon.engine.accounts.book.deposits.get(sessionId)?.closed);
  return { before, during, after: await chain.balances(), gateMs };
}

/** Asks until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw new Error(`nothing came of it within ${limitMs / 1000} s`);
}

function tableOf({ before, during, after, gateMs }: Outcome): string {
  const row = (name: keyof Balances) =>
    [before, during, after].map((at) => amountOf(at[name]).padStart(14)).join('');
  return [
    '',
    `${currency.padEnd(8)}${['before', 'paid in', 'after'].map((title) => title.padStart(14)).join('')}`,
    ...(['buyer', 'seller', 'escrow'] as const).map((name) => `${name.padEnd(8)}${row(name)}`),
    '',
    `bought ${bought} KiB for ${amountOf(BigInt(bought))}, used ${used} KiB (${((used * 100) / bought).toFixed(4)}%), paid ${amountOf(after.seller - before.seller)}`,
    `the gate was open ${Math.round(gateMs)} ms after the purchase`,
    '',
  ].join('\n');
}

function summaryOf({ before, after, gateMs }: Outcome): object {
  const plain = (at: Balances) => ({
    buyer: amountOf(at.buyer),
    seller: amountOf(at.seller),
    escrow: amountOf(at.escrow),
  });
  return {
    ...{ currency, bought_units: bought, used_units: used },
    ...{ before: plain(before), after: plain(after), paid: amountOf(after.seller - before.seller) },
    purchase_to_gate_ms: Math.round(gateMs),
  };
}

function amountOf(units: bigint): string {
  const digits = `${units}`.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function facilitatorFile(directory: string, { anvil, escrow, token }: DemoChain): string {
  const [file, key] = [join(directory, 'facilitator.json'), join(directory, 'gas.key')];
  writeFileSync(key, keyOf(7), { mode: 0o600 });
  const network = {
    ...{ rpc: anvil.url, escrow, tokens: { [token]: { decimals } } },
    ...{ signers: [{ file: key }], confirmations: 1, pollMs: 20 },
  };
  const config = {
    listen: { port: 0 },
    directory: join(directory, 'facilitator'),
    networks: { [`eip155:${chainId}`]: network },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function configText(
  directory: string,
  sockets: { ubus: string; portal: string },
  { anvil, escrow, token, seller }: DemoChain,
  facilitator: string,
): string {
  return `
config turnpike 'main'
	option directory '${join(directory, 'state')}'
	option socket '${sockets.ubus}'
	option backstop '0'
	option nft '/dev/null'
config gateway 'lan'
	option type 'opennds'
	option socket '${sockets.portal}'
	option poll_max '500ms'
config plan 'data'
	option title 'By the KiB'
	option metric 'bytes'
	option step '1 KiB'
	option max_steps '${bought}'
	list price '0.000001 ${currency}'
config escrow 'escrow'
	option enabled '1'
	option facilitator '${facilitator}'
	option rpc '${anvil.url}'
	option network 'eip155:${chainId}'
	option currency '${currency} ${decimals}'
	option token '${token}'
	option contract '${escrow}'
	option pay_to '${seller.address}'
	option confirmations '1'
`;
}
