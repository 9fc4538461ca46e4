// Loaded into the daemon of a soak (`--import`): at SIGUSR2 it collects all that nobody needs, and writes what is in use.
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.TURNPIKE_HEAP;
const { gc } = globalThis as { gc?: () => void };

if (isMainThread && file !== undefined && gc) {
  process.on('SIGUSR2', () => {
    // What a first collection has freed by finalizers is gone after a second one.
    gc();
    gc();
    writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
    renameSync(`${file}.new`, file);
  });
}
