// Loaded into the daemon of a soak (`--import`): at SIGUSR2 it collects all that nobody needs, and writes what is in use.
import { renameSync, writeFileSync } from 'node:fs';
import { getHeapCodeStatistics, getHeapSpaceStatistics, writeHeapSnapshot } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const { TURNPIKE_HEAP: file, TURNPIKE_HEAP_SNAPSHOTS: snapshots } = process.env;
const { gc } = globalThis as { gc?: () => void };
let taken = 0;

if (isMainThread && file !== undefined && gc) {
  process.on('SIGUSR2', () => {
    // What a first collection has freed by finalizers is gone after a second one.
    gc();
    gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    const code = getHeapCodeStatistics();
    const codeBytes = code.code_and_metadata_size + code.bytecode_and_metadata_size;
    const spaces = Object.fromEntries(
      getHeapSpaceStatistics().map(({ space_name, space_used_size }) => [space_name, space_used_size]),
    );
    // A snapshot changes the heap: it comes after the figures.
    if (snapshots !== undefined) writeHeapSnapshot(`${snapshots}/rest-${++taken}.heapsnapshot`);
    writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, codeBytes, spaces, external, rss }));
    renameSync(`${file}.new`, file);
  });
}
