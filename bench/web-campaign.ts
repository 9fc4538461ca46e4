// `npm run bench:web`: 100,000 malformed and 2,000 slow requests to the page while sales, polls and caps go on.
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, routerFlags, startProcess } from '../test/rig/daemon.js';
import { freeTcpPort } from '../test/rig/free-port.js';
import { type Helper, startHelper } from './child.js';
import { group } from './line.js';
import { type Lateness, LoopWatch } from './loop-watch.js';
import { timed } from './pairs.js';

const malformed = Number(process.env.MALFORMED ?? 100_000);
const slow = Number(process.env.SLOW ?? 2_000);
/** How late timers may be in one of a hundred, in ms. */
const markMs = 20;
/** What each customer moves, and how often a new one buys: some 200 are online at once. */
const bytesPerSecond = 50_000;
const everyMs = 50;
/** How long it is watched without an attack, in ms. */
const calmMs = 15_000;

/** What went on for customers meanwhile. */
interface Trade {
  customers: number;
  readonly page: string;
  /** What each sale took, in ms. */
  readonly sales: number[];
  /** What the prices took to come to a customer's browser, in ms. */
  readonly pages: number[];
  caps: number;
  readonly polls: () => Promise<number>;
}

function line(what: string, value: string): void {
  console.log(`${what.padEnd(52)} ${value}`);
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const share = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

/** Sells to one new customer after the other for as long as `work` takes. */
async function during(
  daemon: DaemonProcess,
  portal: Helper,
  trade: Trade,
  work: () => Promise<unknown>,
): Promise<{ ended: number; polled: number }> {
  for (const times of [trade.sales, trade.pages]) times.length = 0;
  const [caps, polls] = [trade.caps, await trade.polls()];
  let isOver = false;
  const sell = async () => {
    while (!isOver) {
      const { mac, ip } = deviceAt(trade.customers++);
      await portal.ask({ join: [{ mac, ip }] });
      const payment = { method: 'cash', reference: 'till' };
      const began = performance.now();
      const { error } = await daemon.call('purchase', { mac, plan: 'cap', payment, idempotency_key: mac });
      if (error) throw new Error(`nothing was sold: ${JSON.stringify(error)}`);
      trade.sales.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  };
  const look = async () => {
    while (!isOver) {
      trade.pages.push(await timed(async () => (await fetch(trade.page)).text()));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  };
  const going = [sell(), look()];
  await work();
  isOver = true;
  await Promise.all(going);
  return { ended: trade.caps - caps, polled: (await trade.polls()) - polls };
}

function tell(what: string, late: Lateness, trade: Trade, done: { ended: number; polled: number }): void {
  line(`${what}: event-loop delay p50, p99, most`, [late.p50, late.p99, late.max].map(ms).join(', '));
  line(
    `${what}: ${trade.sales.length} sales on ubus, p50, p99`,
    [0.5, 0.99].map((part) => ms(share(trade.sales, part))).join(', '),
  );
  line(
    `${what}: ${trade.pages.length} times the page, p50, p99`,
    [0.5, 0.99].map((part) => ms(share(trade.pages, part))).join(', '),
  );
  line(`${what}: polls, sessions that reached their cap`, `${group(done.polled)}, ${done.ended}`);
}

const dir = mkdtempSync(join(tmpdir(), 'turnpike-web-'));
const socket = join(dir, 'ndsctl.sock');
const page = await freeTcpPort();
const loop = new LoopWatch(dir);
const portal = await startHelper('traffic-child.js', [socket, String(bytesPerSecond), '200']);
const attacker = await startHelper('web-attack-child.js', [String(page)]);
const daemon = await startProcess(
  `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n` +
    `config plan 'cap'\n\toption metric 'bytes'\n\toption step '500 kB'\n\tlist price '1 USD'\n` +
    `config method 'cash'\n\tlist currency 'USD 2'\n`,
  { flags: [...routerFlags, ...loop.flags], page },
);
try {
  // What else this machine does is not the daemon's.
  if (process.getuid?.() === 0) setPriority(daemon.pid(), -15);
  const trade: Trade = {
    ...{ customers: 0, sales: [], pages: [], caps: 0, page: `http://127.0.0.1:${page}/` },
    polls: async () => {
      const { gateways } = await daemon.call('status');
      return Number((gateways as { polls?: number }[])[0]?.polls);
    },
  };
  daemon.onHeard = ({ type, data }) => {
    if (type === 'session.closed' && data.state === 'expired') trade.caps += 1;
  };
  const wait = () => new Promise((resolve) => setTimeout(resolve, calmMs));
  await during(daemon, portal, trade, wait);
  await loop.ask(daemon.pid());
  const calm = await during(daemon, portal, trade, wait);
  tell('in peace', await loop.ask(daemon.pid()), trade, calm);
  const [rss, said] = [daemon.rss(), daemon.log().length];
  let took = 0;
  const attacked = await during(daemon, portal, trade, async () => {
    took = (await attacker.ask<{ ms: number }>({ malformed, slow })).ms;
  });
  const late = await loop.ask(daemon.pid());
  line('malformed, slow requests, in', `${group(malformed)}, ${group(slow)}, ${(took / 1000).toFixed(0)} s`);
  tell('attacked', late, trade, attacked);
  line('attacked: lines in the log', String(daemon.log().slice(said).split('\n').length - 1));
  line('attacked: memory grew by', `${(daemon.rss() - rss).toFixed(1)} MiB`);
  await during(daemon, portal, trade, wait);
  line(`${calmMs / 1000} s after the attack: of that was left`, `${(daemon.rss() - rss).toFixed(1)} MiB`);
  // What a second one adds is what attackers can go on adding.
  const again = daemon.rss();
  await during(daemon, portal, trade, () => attacker.ask({ malformed, slow }));
  await during(daemon, portal, trade, wait);
  line(
    `${calmMs / 1000} s after a second attack: more than before it`,
    `${(daemon.rss() - again).toFixed(1)} MiB`,
  );
  const isMet = late.p99 <= markMs;
  line(`event-loop delay p99 at most ${markMs} ms`, isMet ? 'met' : 'MISSED');
  process.exitCode = isMet ? 0 : 1;
} finally {
  await daemon.close();
  await attacker.stop();
  await portal.stop();
  rmSync(dir, { recursive: true });
}
