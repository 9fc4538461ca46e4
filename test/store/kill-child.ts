// Appends records that count up, syncs, and prints the number of each one that is safe. The test kills it.
import { openStore } from '../../src/store/open.js';

const directory = process.argv[2]!;
const { store, recovered } = await openStore({ directory, segmentBytes: 4096, snapshotBytes: 8192 });
let count = (recovered.snapshot as { count: number } | undefined)?.count ?? 0;
for (const { data } of recovered.records) {
  const { n } = data as { n: number };
  if (n !== count + 1) throw new Error(`record ${n} follows ${count}`);
  count = n;
}
if (recovered.setAside.length > 0) throw new Error(recovered.setAside.join());
process.stdout.write(`start ${count}\n`);
const outbox = store.outbox('sink', 'oldest');

/** Two writers at once, so that syncs are shared and snapshots have appends beside them. */
async function write(): Promise<void> {
  for (;;) {
    const n = ++count;
    store.append({ n, text: 'x'.repeat(n % 97) });
    await store.sync();
    process.stdout.write(`${n}\n`);
    outbox.ack(n - 3);
    if (store.wantsSnapshot) await store.snapshot({ count });
  }
}

await Promise.all([write(), write()]);
