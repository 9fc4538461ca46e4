// What is resident with 100 sessions and nothing upstream, and what the package's flags take off it: npm run bench:memory
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deviceAt } from '../packages/simulators/device.js';
import { routerFlags, smallRouterFlags, startProcess } from '../test/rig/daemon.js';
import { startHelper } from './child.js';
import { buy, cpuOf, memoryOf } from './costs.js';
import { type Spread, spreadOf } from './pairs.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = values.quick ? 1 : 5;
/** Polls go on for so long before memory is read, in seconds. */
const settleSeconds = values.quick ? 10 : 60;
const sessions = 100;
/** Sold again after memory was read: what the flags cost. */
const sales = values.quick ? 100 : 1_000;

interface Variant {
  readonly name: string;
  /** Of Node. */
  readonly flags: readonly string[];
}

const variants: Variant[] = [
  { name: 'as shipped', flags: routerFlags },
  { name: 'as shipped for less than 512 MB', flags: [...routerFlags, ...smallRouterFlags] },
  { name: 'Node.js without flags', flags: [] },
];

interface Measured {
  /** In MB. */
  readonly rss: number;
  readonly anonymous: number;
  /** CPU of a second of polls, and of all sales, in ms. */
  readonly polls: number;
  readonly sales: number;
}

async function measure({ flags }: Variant): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ndsctl.sock');
  const portal = await startHelper('traffic-child.js', [socket, '50000', '1000']);
  const daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n` +
      `config plan 'time'\n\toption metric 'time'\n\toption step '24h'\n\tlist price '1 USD'\n` +
      `config method 'cash'\n\tlist currency 'USD 2'\n`,
    { flags },
  );
  try {
    const clients = Array.from({ length: sessions }, (_, i) => ({
      mac: deviceAt(i).mac,
      ip: `10.77.0.${i + 1}`,
    }));
    await portal.ask({ join: clients });
    for (const { mac } of clients) await buy(daemon, { mac, idempotency_key: mac });
    const pid = daemon.pid();
    const before = cpuOf(pid);
    const seen: { rss: number; anonymous: number }[] = [];
    for (let second = 0; second < settleSeconds; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      seen.push({ rss: memoryOf(pid, 'VmRSS'), anonymous: memoryOf(pid, 'RssAnon') });
    }
    const polls = (cpuOf(pid) - before) / settleSeconds;
    // Between two collections of garbage it rises and falls: the middle of the last half.
    const late = seen.slice(settleSeconds / 2);
    const rss = spreadOf(late.map((one) => one.rss)).median;
    const anonymous = spreadOf(late.map((one) => one.anonymous)).median;
    const began = cpuOf(pid);
    for (let i = 0; i < sales; i++) {
      await buy(daemon, { mac: clients[i % sessions]!.mac, idempotency_key: `again-${i}` });
    }
    return { rss, anonymous, polls, sales: cpuOf(pid) - began };
  } finally {
    await daemon.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

const measured = variants.map((): Measured[] => []);
for (let round = 0; round < rounds; round++) {
  for (const [i, variant] of variants.entries()) measured[i]!.push(await measure(variant));
}
const cell = ({ median, min, max }: Spread) =>
  `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`;
console.log(
  '| | resident, MB | of it no file, MB | CPU of polls, ms/s | CPU of the sales, ms |\n|---|--:|--:|--:|--:|',
);
for (const [i, { name }] of variants.entries()) {
  const of = (key: keyof Measured) => cell(spreadOf(measured[i]!.map((one) => one[key])));
  console.log(`| ${name} | ${of('rss')} | ${of('anonymous')} | ${of('polls')} | ${of('sales')} |`);
}
