// The marks of scan, bus, start and memory on other processors, as far as they can be emulated: npm run bench:processors
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { smallRouterFlags } from '../test/rig/daemon.js';
import { spreadOf } from './pairs.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

/** What V8 uses beyond the first x86-64 processors (2003). */
const units = ['sse3', 'ssse3', 'sse4-1', 'sse4-2', 'avx', 'avx2', 'fma3', 'bmi1', 'bmi2', 'lzcnt', 'popcnt'];
/** The same for copies and comparisons of the C library: glibc(7), `glibc.cpu.hwcaps`. */
const library = [
  'AVX',
  'AVX2',
  'AVX512F',
  'BMI1',
  'BMI2',
  'ERMS',
  'FSRM',
  'LZCNT',
  'POPCNT',
  'SSE4_1',
  'SSE4_2',
  'SSSE3',
];

interface Variant {
  readonly name: string;
  /** What starts Node.js, and its flags. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const oldest = {
  command: [process.execPath, ...units.map((unit) => `--no-enable-${unit}`)],
  env: { GLIBC_TUNABLES: `glibc.cpu.hwcaps=${library.map((unit) => `-${unit}`).join()}` },
};
/** Programs of other versions of Node.js, with commas between. */
const others = (process.env.NODES ?? '').split(',').filter((file) => file !== '');

const variants: readonly Variant[] = [
  { name: 'as it is', command: [process.execPath] },
  { name: 'without SSE3 and all later units', ...oldest },
  { name: 'the same, one core', ...oldest, command: ['taskset', '-c', '0', ...oldest.command] },
  { name: 'one core', command: ['taskset', '-c', '0', process.execPath] },
  { name: 'less than 512 MB', command: [process.execPath, ...smallRouterFlags] },
  ...others.map((file) => ({ name: file, command: [file] })),
];

interface Measured {
  /** JSON.parse and a Map / scanner and ledger; the latter in ms. */
  readonly scan: number;
  readonly scanMs: number;
  /** A second, 32 under way. */
  readonly calls: number;
  /** In ms. */
  readonly start: number;
  /** With 1,000 sessions, in MB. */
  readonly memory: number;
}

const child = fileURLToPath(new URL('processor-child.js', import.meta.url));

async function measure({ command, env }: Variant): Promise<Measured> {
  const [file, ...args] = [...command, child];
  const { stdout } = await promisify(execFile)(file!, args, { env: { ...process.env, ...env } });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

const measured = variants.map((): Measured[] => []);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [i, variant] of variants.entries()) measured[i]!.push(await measure(variant));
}
console.log('| | scan | its ms | calls a second | start, ms | memory, MB |\n|---|--:|--:|--:|--:|--:|');
for (const [i, { name }] of variants.entries()) {
  const of = (key: keyof Measured, digits = 0) =>
    spreadOf(measured[i]!.map((one) => one[key])).median.toFixed(digits);
  const cells = [`${of('scan', 1)}×`, of('scanMs', 1), of('calls'), of('start'), of('memory')];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
