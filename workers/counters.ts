import { start } from '../src/kernel/start.js';
import type { CounterResult, CounterTask } from './contract.js';

/** Longest output that is taken, in bytes: some 100,000 counters. */
const mostBytes = 16 * 1024 * 1024;
/** What nft says of one counter: its name's prefix and index, then somewhere behind it its bytes. */
const counterForm = /"name": ?"c([ud])(\d+)_[^}]*?"bytes": ?(\d+)/g;
const numbers = 2;

/**
 * Reads the counters of all sessions out of the kernel and returns those that moved since they were last told.
 *
 * What was told is in the shared memory that comes with the task, two numbers for each index: another thread
 * may take the next turn.
 */
export async function readCounters(task: CounterTask): Promise<CounterResult> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const text = await run(task);
    return { ok: true, ...moved(text, new Float64Array(task.told)), tookMs: took() };
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    const reason = code === 'late' ? 'timeout' : code === undefined ? 'refused' : 'missing';
    return { ok: false, reason, detail: message, tookMs: took() };
  }
}

/** Rows of index, up and down, and the number of counters in `text`. */
export function moved(text: string, told: Float64Array): { rows: Float64Array; seen: number } {
  const rows: number[] = [];
  const changed = new Map<number, number>();
  let seen = 0;
  for (const [, way, index, bytes] of text.matchAll(counterForm)) {
    seen += 1;
    const at = numbers * Number(index) + (way === 'u' ? 0 : 1);
    if (at >= told.length || told[at] === Number(bytes)) continue;
    told[at] = Number(bytes);
    changed.set(Number(index), 1);
  }
  for (const index of changed.keys()) rows.push(index, told[numbers * index]!, told[numbers * index + 1]!);
  return { rows: Float64Array.from(rows), seen };
}

function run({ file, args, limitMs }: CounterTask): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = start(file, args);
    child.stdin.on('error', () => {});
    child.stdin.end();
    const chunks: Buffer[] = [];
    let length = 0;
    let complaint = '';
    let late: Error | undefined;
    const end = (message: string) => {
      late = Object.assign(new Error(message), { code: 'late' });
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(`nft was not done within ${limitMs / 1000} s`), limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostBytes) end('nft prints without end');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(0, 1_000);
    });
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(cause);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) reject(late);
      else if (code === 0) resolve(Buffer.concat(chunks).toString('latin1'));
      else reject(new Error(complaint.trim().split('\n')[0] || `nft ended with ${code}`));
    });
  });
}
