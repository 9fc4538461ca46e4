import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { demoPointer } from '../../src/call.js';
import { loadConfig } from '../../src/config/config.js';
import { nodogsplash, opennds } from '../../src/domain/dialect.js';
import { type Session, timeRuns } from '../../src/domain/session.js';
import { remainingOf, usedOf } from '../../src/domain/usage.js';
import { logTo } from '../../src/log.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import type { Log } from '../../src/ports/log.js';
import { UbusBroker } from '../simulators/broker/broker.js';
import { Customers, type Tally } from '../simulators/customers.js';
import { SimulatedPortal } from '../simulators/portal.js';
import { drawTable, endOfTable, formatBytes, type Row, startOfTable } from './table.js';

export interface DemoOptions {
  readonly seconds?: string;
  readonly clients: string;
  readonly dialect: string;
  /** Prints one line of JSON at the end and nothing else. */
  readonly json: boolean;
  readonly worker: URL;
}

const tickMs = 20;
const drawEvery = 25;
const logEvery = 100;

/** Everything in one process: ubus, a portal, customers with traffic, and turnpike itself. @returns the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const clients = whole(options.clients, 1, 5000);
  const seconds =
    options.seconds === undefined ? Number.POSITIVE_INFINITY : whole(options.seconds, 1, 86_400);
  const dialect = { opennds, nodogsplash }[options.dialect];
  if (clients === undefined || seconds === undefined || !dialect) {
    process.stderr.write(
      'turnpike demo: --clients 1 to 5000, --seconds 1 to 86400, --dialect opennds or nodogsplash\n',
    );
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-demo-'));
  const socket = join(directory, 'ubus.sock');
  const portalSocket = join(directory, 'ndsctl.sock');
  const live = process.stdout.isTTY && !options.json;
  const broker = new UbusBroker(socket);
  const portal = new SimulatedPortal(dialect, portalSocket);
  const bus = new UbusClient({ socket });
  const text = configText(directory, socket, portalSocket, dialect.name);
  const log = quietLog(options.json, live);
  try {
    await Promise.all([broker.start(), portal.start()]);
    writeFileSync(demoPointer, socket);
    const load = () => loadConfig(text, 'the demo’s configuration');
    const daemon = await startDaemon({ load, log, worker: options.worker });
    await bus.connect();
    const customers = new Customers(clients, portal, bus, Math.random);
    await customers.begin();
    const polls = await play(
      daemon,
      customers,
      seconds * 1000,
      options.json ? 'none' : live ? 'table' : 'log',
    );
    customers.end();
    bus.close();
    await daemon.stop();
    process.stdout.write(options.json ? `${JSON.stringify(summary(customers.tally, polls))}\n` : '');
    return 0;
  } finally {
    bus.close();
    await Promise.all([broker.stop(), portal.stop()]);
    rmSync(demoPointer, { force: true });
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs until the time is over or Ctrl-C. @returns how long each poll took. */
function play(
  daemon: Daemon,
  customers: Customers,
  ms: number,
  output: 'none' | 'table' | 'log',
): Promise<number[]> {
  const started = performance.now();
  const polls: number[] = [];
  let last = started;
  let ticks = 0;
  let seen = 0;
  if (output === 'table') process.stdout.write(startOfTable);
  return new Promise((resolve) => {
    const finish = () => {
      clearInterval(timer);
      process.off('SIGINT', finish).off('SIGTERM', finish);
      if (output === 'table') process.stdout.write(endOfTable);
      resolve(polls);
    };
    const timer = setInterval(() => {
      const now = performance.now();
      customers.tick(now - started, now - last);
      last = now;
      ticks += 1;
      const [gateway] = daemon.engine.gateways;
      if (gateway && gateway.polls !== seen) {
        seen = gateway.polls;
        polls.push(gateway.lastPollMs);
      }
      if (output === 'table' && ticks % drawEvery === 0) draw(daemon, customers.tally, now - started, polls);
      if (output === 'log' && ticks % logEvery === 0) report(daemon, customers.tally, now - started, polls);
      if (now - started >= ms) finish();
    }, tickMs);
    process.on('SIGINT', finish).on('SIGTERM', finish);
  });
}

function draw(daemon: Daemon, tally: Tally, ms: number, polls: number[]): void {
  const { columns = 100, rows = 30 } = process.stdout;
  const hint = `in another terminal: node dist/turnpike.mjs call status   Ctrl-C ends`;
  const totals = {
    seconds: Math.floor(ms / 1000),
    sold: tally.sold,
    closed: tally.closed,
    overshoot: most(tally.sessions.map((s) => s.overshoot)),
    pollMs: polls.at(-1) ?? 0,
    hint,
  };
  process.stdout.write(drawTable(rowsOf(daemon), totals, { columns, rows }));
}

function rowsOf(daemon: Daemon): Row[] {
  const { accounts } = daemon.engine;
  const rows: Row[] = [];
  for (const { id } of accounts.book.running()) {
    const session = accounts.upToDate(id)!;
    const { up, down } = daemon.engine.rates(session);
    rows.push({
      mac: session.mac,
      plan: session.lots.at(-1)!.plan,
      state: session.state,
      rate: (up + down) * 8,
      ...nearestCap(session),
    });
  }
  return rows.sort((a, b) => b.used - a.used);
}

/** The cap that is used up the most, as a share, and what is left of it. */
function nearestCap(session: Session): { used: number; remaining: string } {
  const { granted, usage } = session;
  let used = 0;
  let remaining = timeRuns(session) ? 'no cap' : 'paused';
  for (const limit of ['bytes', 'millis'] as const) {
    const cap = granted[limit];
    if (cap === undefined || usedOf(usage, limit) / cap < used) continue;
    used = usedOf(usage, limit) / cap;
    const left = remainingOf(granted, usage, limit)!;
    remaining = limit === 'bytes' ? formatBytes(left) : `${Math.ceil(left / 1000)} s`;
  }
  return { used, remaining };
}

function report(daemon: Daemon, tally: Tally, ms: number, polls: number[]): void {
  const active = rowsOf(daemon).filter((r) => r.state === 'active').length;
  const closed = Object.entries(tally.closed).map(([cause, n]) => `${cause} ${n}`);
  process.stdout.write(
    `${Math.floor(ms / 1000)} s: sold ${tally.sold}, active ${active}, closed ${closed.join(', ') || 0}, ` +
      `poll ${(polls.at(-1) ?? 0).toFixed(1)} ms, largest overshoot ${formatBytes(most(tally.sessions.map((s) => s.overshoot)))}\n`,
  );
}

function summary(tally: Tally, polls: number[]): object {
  const capped = tally.sessions.filter((s) => s.cause === 'data');
  const sorted = [...polls].sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0, 2);
  return {
    sold: tally.sold,
    closed: tally.closed,
    overshoot_bytes_max: most(capped.map((s) => s.overshoot)),
    overshoot_ratio_max: round(most(capped.map((s) => s.overshoot / s.granted)), 5),
    poll_ms_p50: at(0.5),
    poll_ms_p99: at(0.99),
    rss_mb: round(process.memoryUsage().rss / 1e6, 1),
    errors: Object.values(tally.errors).reduce((a, b) => a + b, 0),
  };
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}

function round(n: number, digits: number): number {
  return Number(n.toFixed(digits));
}

function whole(text: string, min: number, max: number): number | undefined {
  const n = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return n >= min && n <= max ? n : undefined;
}

/** Under a live table only errors are shown; with `--json` they go to stderr. */
function quietLog(json: boolean, live: boolean): Log {
  const out = json || live ? process.stderr : process.stdout;
  return logTo(
    (line) => out.write(line),
    () => (json || live ? 'error' : 'info'),
    false,
  );
}

function configText(directory: string, socket: string, portalSocket: string, type: string): string {
  return `
config turnpike 'main'
	option directory '${join(directory, 'state')}'
	option socket '${socket}'
	option flush_interval '10s'
	option backstop '0'
	option nft '/dev/null'
config gateway 'lan'
	option type '${type}'
	option socket '${portalSocket}'
config plan 'small'
	option metric 'bytes'
	option step '2 MB'
	list price '0.05 USD'
config plan 'large'
	option metric 'bytes'
	option step '20 MB'
	list price '0.40 USD'
config plan 'minute'
	option metric 'time'
	option step '6s'
	list price '0.02 USD'
config plan 'mixed'
	option metric 'bytes'
	option step '10 MB'
	option seconds '8s'
	list price '0.20 USD'
config method 'cash'
	list currency 'USD 2'
`;
}
