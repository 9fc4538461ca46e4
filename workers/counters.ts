import { outputOf, reasonOf } from '../src/programs/output.js';
import { busyTime } from './busy.js';
import type { CounterResult, CounterTask } from './contract.js';
import { noteConnections } from './witness.js';

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
    const text = (await outputOf('nft', task)).toString('latin1');
    // Before anything else: what passes between the two is in the connections' bytes and not in the counters.
    const noted = task.baseline && { baseline: noteConnections(task.baseline) };
    const busy = busyTime();
    const found = moved(text, new Float64Array(task.told));
    return { ok: true, ...found, busyMs: busy(), ...noted, tookMs: took() };
  } catch (cause) {
    return { ok: false, reason: reasonOf(cause), detail: (cause as Error).message, tookMs: took() };
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
