import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { UbusClient } from 'openwrt-ubus';
import { logTo } from '../../src/log.js';
import { startDaemon } from '../../src/main.js';
import type { Log } from '../../src/ports/log.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { Anvil, anvilFile } from '../simulators/anvil.js';
import { UbusBroker } from '../simulators/broker/broker.js';
import { EscrowChain } from '../simulators/chain.js';
import { deviceAt } from '../simulators/device.js';
import { SimulatedPortal } from '../simulators/portal.js';
import {
  type Answer,
  askUntil,
  buyWithDeposit,
  type Call,
  requirementsFor,
} from '../simulators/wallet-customer.js';
import { balancesOf, bought, type Outcome, outcomeTable, summaryOf, used } from './deposit-outcome.js';
import { depositConfig, facilitatorFile, portalDialect, secretsText } from './deposit-shop.js';
import { type End, privateFolder, stage } from './ending.js';
import { kernelFor } from './kernel.js';

const { mac, ip } = deviceAt(0);
/** 10.00, which the customer has at first. */
const purse = 10_000_000n;
const unitBytes = 1024;

const about = `A customer with a wallet buys data from turnpike on a chain of the demo's own: they pay in for ${bought} KiB,
use ${used} KiB, and get the rest back. Nobody else is asked, and no real money moves.
`;

/**
 * The whole circle of a deposit: the chain is a child process; turnpike, the facilitator, a portal and a bus are in
 * this one.
 * @param json prints one line of JSON at the end and nothing else
 * @returns the exit code
 * @throws the signal's reason when it was aborted before the end
 */
export async function runDepositDemo(json: boolean, worker: URL, signal: AbortSignal): Promise<number> {
  if (anvilFile === undefined) {
    process.stderr.write(
      'turnpike demo --escrow: anvil, the chain, cannot run here: `npm ci` brings it, for Linux on x86-64\n',
    );
    return 1;
  }
  if (!json) process.stdout.write(about);
  const log = logTo(
    (line) => process.stderr.write(line),
    () => (json ? 'error' : 'info'),
    false,
  );
  const outcome = await stage(async (ends) => {
    const chain = await startChain(ends);
    signal.throwIfAborted();
    const router = await startRouter(chain, worker, log, ends);
    signal.throwIfAborted();
    return visit(chain, router, signal);
  });
  process.stdout.write(json ? `${JSON.stringify(summaryOf(outcome))}\n` : outcomeTable(outcome));
  return 0;
}

/** The facilitator's own file: only it needs the packages that `npm ci` puts beside the build. */
async function loadFacilitator(): Promise<typeof import('../../src/facilitator/main.js')> {
  const isBundled = import.meta.url.endsWith('.mjs');
  const file = isBundled ? './facilitator.mjs' : '../../src/facilitator/main.js';
  return import(new URL(file, import.meta.url).href);
}

async function startChain(ends: End[]): Promise<EscrowChain> {
  const anvil = await Anvil.start();
  ends.push(() => anvil.stop());
  return EscrowChain.deploy(anvil, purse);
}

interface Router {
  readonly portal: SimulatedPortal;
  readonly call: Call;
}

/** Starts the facilitator, a bus, a portal and turnpike, which takes deposits. */
async function startRouter(chain: EscrowChain, worker: URL, log: Log, ends: End[]): Promise<Router> {
  const folder = privateFolder(ends);
  const { runFacilitator } = await loadFacilitator();
  const facilitator = await runFacilitator(facilitatorFile(folder, chain), log);
  if (!facilitator) throw new Error('the facilitator does not take its configuration');
  ends.push(() => facilitator.stop());
  const sockets = { ubus: join(folder, 'ubus.sock'), portal: join(folder, 'ndsctl.sock') };
  const broker = new UbusBroker(sockets.ubus);
  const portal = new SimulatedPortal(portalDialect, sockets.portal);
  ends.push(() => Promise.all([broker.stop(), portal.stop()]));
  await Promise.all([broker.start(), portal.start()]);
  const text = depositConfig(folder, sockets, chain, facilitator.url);
  const secrets = { text: secretsText, file: 'the demo’s secrets' };
  const load = () => loadConfig(text, 'the demo’s configuration', secrets);
  const daemon = await startDaemon({ load, log, worker, kernel: kernelFor(portal) });
  ends.push(() => daemon.stop());
  const bus = new UbusClient({ socket: sockets.ubus });
  await bus.connect();
  ends.push(() => bus.close());
  const call: Call = async (method, args) =>
    ((await bus.call('turnpike', method, args as Table)) ?? {}) as Answer;
  return { portal, call };
}

/** One customer, from the quote to the money that they get back. */
async function visit(chain: EscrowChain, { portal, call }: Router, signal: AbortSignal): Promise<Outcome> {
  const before = await balancesOf(chain);
  portal.join(mac, ip);
  const asked = await requirementsFor(call, { plan: 'data', steps: bought }, undefined, signal);
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { payment, sessionId } = await chain.buyer.pay(asked, BigInt(bought), now);
  const started = performance.now();
  const order = { mac, plan: 'data', steps: bought, payment, idempotency_key: sessionId };
  const { id, error } = await buyWithDeposit(call, order, signal);
  if (error) throw new Error(`the purchase was refused: ${error.code}: ${error.message}`);
  const session = () => call('session', { id });
  await askUntil('an open gate', async () => (await session()).state === 'active' || undefined, signal);
  const gateMs = performance.now() - started;
  const during = await balancesOf(chain);
  portal.carry(mac, 0, used * unitBytes);
  const isCounted = async () => (await session()).down_bytes === used * unitBytes;
  await askUntil('what was used', async () => (await isCounted()) || undefined, signal);
  await call('close', { id });
  await askUntil(
    'the rest of the deposit',
    async () => {
      // A block on top of the close, which counts when it has one.
      await chain.chain.mine();
      return (await isClosed(call, sessionId)) || undefined;
    },
    signal,
  );
  return { before, during, after: await balancesOf(chain), gateMs };
}

async function isClosed(call: Call, id: string): Promise<boolean> {
  const { deposits } = (await call('deposits', {})) as unknown as { deposits: Answer[] };
  return deposits.some((deposit) => deposit.id === id && deposit.state === 'closed');
}
