import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { logTo } from '../../src/log.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { UbusBroker } from '../simulators/broker/broker.js';
import { Customers } from '../simulators/customers.js';
import { SimulatedPortal } from '../simulators/portal.js';
import { type End, privateFolder, stage } from './ending.js';
import { figuresOf, summaryOf } from './figures.js';
import { kernelFor } from './kernel.js';
import type { DemoOptions } from './options.js';
import { planIds, shopConfig } from './shop.js';
import { lastWords, showFor } from './show.js';
import { freePort, nobody, type Visitor, visitorsPhone, welcome } from './visitor.js';

const tickMs = 20;

/** What was started for the demo. */
interface Parts {
  readonly daemon: Daemon;
  readonly customers: Customers;
  /** The customers' client, which asks for the table, too. */
  readonly bus: UbusClient;
  /** Where the broker listens. */
  readonly socket: string;
  readonly visitor: Visitor;
}

/**
 * Sells to simulated customers until the time is over or `signal` is aborted.
 * @returns the exit code
 */
export async function runDemo(options: DemoOptions, worker: URL, signal: AbortSignal): Promise<number> {
  const said = await stage(async (ends) => {
    const parts = await start(options, worker, ends);
    const { seconds, polls } = await play(options, parts, ends, signal);
    const { tally } = parts.customers;
    return options.json
      ? JSON.stringify(summaryOf(tally, polls))
      : lastWords(figuresOf(seconds, tally, polls));
  });
  process.stdout.write(`${said}\n`);
  return 0;
}

async function start(options: DemoOptions, worker: URL, ends: End[]): Promise<Parts> {
  const { clients, dialect, json } = options;
  const folder = privateFolder(ends);
  const socket = join(folder, 'ubus.sock');
  const portal = new SimulatedPortal(dialect.dialect, join(folder, 'ndsctl.sock'));
  const broker = new UbusBroker(socket);
  ends.push(() => Promise.all([broker.stop(), portal.stop()]));
  await Promise.all([broker.start(), portal.start()]);
  const bus = new UbusClient({ socket });
  await bus.connect();
  ends.push(() => bus.close());
  // Nobody looks at a page of the demo that prints figures alone.
  const port = json ? undefined : await freePort();
  const text = shopConfig(folder, socket, dialect.dialect.name, port);
  const phone = visitorsPhone(clients);
  const log = logTo(
    (line) => process.stderr.write(line),
    () => (json || process.stdout.isTTY ? 'error' : 'warn'),
    false,
  );
  const load = () => loadConfig(text, 'the demo’s configuration');
  const daemon = await startDaemon({ load, log, worker, kernel: kernelFor(portal), devices: phone.device });
  ends.push(() => daemon.stop());
  const customers = new Customers({ count: clients, plans: planIds, portal, bus, random: Math.random });
  ends.push(() => customers.end());
  await customers.begin();
  phone.join(portal);
  return { daemon, customers, bus, socket, visitor: port === undefined ? nobody : await welcome(bus, port) };
}

/** @returns how long it played, and how many ms each poll took */
async function play(
  options: DemoOptions,
  { daemon, customers, bus, socket, visitor }: Parts,
  ends: End[],
  signal: AbortSignal,
): Promise<{ seconds: number; polls: number[] }> {
  const show = showFor(options, socket, visitor);
  const polls: number[] = [];
  let [now, seen] = [0, 0];
  ends.push(() => show.end());
  show.begin();
  let nextShow = show.everyMs;
  const started = performance.now();
  while (!signal.aborted && now < options.seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, tickMs));
    now = performance.now() - started;
    customers.tick(now);
    const [gateway] = daemon.engine.gateways;
    if (gateway && gateway.polls !== seen) polls.push(gateway.lastPollMs);
    seen = gateway?.polls ?? 0;
    if (now < nextShow) continue;
    nextShow += show.everyMs;
    await show.draw(figuresOf(now / 1000, customers.tally, polls), bus);
  }
  return { seconds: now / 1000, polls };
}
