// The two runtimes side by side: `npm run bench:runtimes`, with the program of Bun in the variable BUN.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { routerFlags } from '../test/rig/daemon.js';
import { type Spread, spreadOf } from './pairs.js';

/** What one round measures of a runtime. */
export interface RuntimeMeasures {
  readonly startMs: number;
  /** With 0, 100 and 1,000 sessions, in MB. */
  readonly rssMb: readonly [number, number, number];
  /** Of a thousand sales, in ms. */
  readonly cpuOfSales: number;
  /** A reply with 10,000 clients of openNDS, from its bytes to what changed. */
  readonly scanMs: number;
  /** Through the embedded broker, 32 calls under way; all three processes on this runtime. */
  readonly callsASecond: number;
}

interface Runtime {
  readonly name: string;
  readonly program: string;
  /** As the package starts the daemon. */
  readonly flags: readonly string[];
}

/** The flags of the second runtime in the package's command. */
const bunFlags = readFileSync('files/usr/bin/turnpike', 'utf8').match(/(?<=bun )--\S+/g) ?? [];

const rounds = process.argv.includes('--quick') ? 1 : 5;

function round({ program, flags }: Runtime): RuntimeMeasures {
  const child = fileURLToPath(new URL('runtime-child.js', import.meta.url));
  const said = execFileSync(program, [child, JSON.stringify(flags)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(said.trim().split('\n').at(-1)!) as RuntimeMeasures;
}

const lines: readonly [string, (measures: RuntimeMeasures) => number, string][] = [
  ['process start to ubus object', ({ startMs }) => startMs, 'ms'],
  ['resident memory, no session', ({ rssMb }) => rssMb[0], 'MB'],
  ['resident memory, 100 sessions', ({ rssMb }) => rssMb[1], 'MB'],
  ['resident memory, 1,000 sessions', ({ rssMb }) => rssMb[2], 'MB'],
  ['CPU of 1,000 sales', ({ cpuOfSales }) => cpuOfSales, 'ms'],
  ['a reply of openNDS with 10,000 clients', ({ scanMs }) => scanMs, 'ms'],
  ['ubus calls a second, 32 under way', ({ callsASecond }) => callsASecond, ''],
];

function cell({ median, min, max }: Spread, unit: string): string {
  const text = (n: number) => (n < 10 ? n.toFixed(1) : Math.round(n).toLocaleString('en-US'));
  const range = rounds > 1 ? ` (${text(min)} to ${text(max)})` : '';
  return `${text(median)}${unit && ` ${unit}`}${range}`;
}

const { BUN: bun } = process.env;
if (bun === undefined) {
  console.log('the runtimes were not compared: BUN does not name the program of Bun');
} else {
  const version = execFileSync(bun, ['--version'], { encoding: 'utf8' }).trim();
  const runtimes: Runtime[] = [
    { name: `Node.js ${process.version.slice(1)}`, program: process.execPath, flags: routerFlags },
    { name: `Bun ${version}`, program: bun, flags: bunFlags },
  ];
  const measured = runtimes.map((): RuntimeMeasures[] => []);
  for (let turn = 0; turn < rounds; turn++) {
    for (const [i, runtime] of runtimes.entries()) measured[i]!.push(round(runtime));
  }
  console.log(`| median | ${runtimes.map(({ name }) => name).join(' | ')} |\n|---|--:|--:|`);
  for (const [what, of, unit] of lines) {
    console.log(`| ${what} | ${measured.map((all) => cell(spreadOf(all.map(of)), unit)).join(' | ')} |`);
  }
}
