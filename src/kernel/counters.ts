import type { BaselineTask, CounterResult, CounterTask } from '../../workers/contract.js';
import { NftError } from './nft.js';
import type { CounterRows } from './table-parts.js';

/** Reads the counters in a worker thread. */
export type RunCounters = (task: CounterTask) => Promise<CounterResult>;

const columns = 3;
/** How long nft may take, in ms, as for all its calls. */
const limitMs = 30_000;

/**
 * Reads all counters with the nft program at `file`, and connections right after them where a look at these is due.
 * `most`: the largest index.
 * @throws {@link NftError} from the calls.
 */
export function counterReader(file: string, most: number, run: RunCounters) {
  const told = new SharedArrayBuffer(2 * (most + 1) * Float64Array.BYTES_PER_ELEMENT);
  return async (args: readonly string[], baseline?: BaselineTask): Promise<CounterRows> => {
    const result = await run({ file, args, told, limitMs, ...(baseline && { baseline }) });
    if (!result.ok) throw new NftError(result.reason, result.detail);
    const { seen, baseline: noted } = result;
    return { moved: rowsIn(result.rows), seen, ...(noted && { baseline: noted }) };
  };
}

function* rowsIn(rows: Float64Array): Generator<{ index: number; up: number; down: number }> {
  for (let at = 0; at < rows.length; at += columns) {
    yield { index: rows[at]!, up: rows[at + 1]!, down: rows[at + 2]! };
  }
}
