import { runDemo } from './demo.js';
import { Ending } from './ending.js';
import { type Given, readOptions } from './options.js';

/**
 * `turnpike demo`: turnpike itself, and around it a bus, a portal and customers, all in one process.
 * @param given what stands behind `demo`
 * @param worker the daemon's worker of this build
 * @returns the exit code: 2 for wrong arguments; 0 also for a demo that was stopped
 */
export async function demo(given: Given, worker: URL): Promise<number> {
  const read = readOptions(given);
  if (!read.ok) {
    process.stderr.write(`turnpike demo: ${read.message}; see 'turnpike help demo'\n`);
    return 2;
  }
  const ending = new Ending();
  try {
    if (!read.value.escrow) return await runDemo(read.value, worker, ending.signal);
    const { runDepositDemo } = await import('./deposit.js');
    return await runDepositDemo(read.value.json, worker, ending.signal);
  } catch (cause) {
    if (ending.signal.aborted) return ending.exitCode;
    throw cause;
  } finally {
    ending.release();
  }
}
