// Memory that is in use, by the runtime that the test runs on.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };

function collector(): () => void {
  if (Bun) return () => Bun.gc(true);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const collect = collector();

/** What is in use once all that nobody needs is collected, in MiB. */
export function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
