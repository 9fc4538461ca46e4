import { setImmediate as pause } from 'node:timers/promises';

/** How long nothing else happens while thousands of sessions are gone through, in ms. */
const sliceMs = 10;
/** Work that took longer than this ends with a pause, in ms: else several pieces of work would add up. */
const restMs = 1;

/** Does this with each of them. Others have their turn meanwhile, such as a session whose time is over. */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < sliceMs) continue;
    await pause();
    began = performance.now();
  }
  if (performance.now() - began > restMs) await pause();
}
