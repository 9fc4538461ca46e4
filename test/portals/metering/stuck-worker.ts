// A worker whose thread hangs in one poll, says where it runs in all others, and leaves on request.
import { threadId } from 'node:worker_threads';
import type { PollResult, PollTask } from '../../../workers/contract.js';

const never = new Int32Array(new SharedArrayBuffer(4));

export default async function poll({ target }: PollTask): Promise<PollResult> {
  const path = target.transport === 'socket' ? target.path : '';
  if (path === 'stuck') Atomics.wait(never, 0, 0);
  if (path === 'exit') process.exit(3);
  return {
    ok: true,
    complete: true,
    clients: threadId,
    odd: 0,
    rows: new Float64Array(0),
    unmetered: 0,
    busyMs: 0,
    tookMs: 0,
    lag: 0,
    life: 0,
  };
}
