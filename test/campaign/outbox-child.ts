// Appends records that count up and sends them on to two sinks, one prompt and one slow, as lines on its standard
// output. With `drain` it appends nothing and ends when all is sent. The campaign kills it.
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openStore } from '../../src/store/open.js';
import type { Outbox } from '../../src/store/outbox.js';

const [directory = '', mode] = process.argv.slice(2);
const small = { segmentBytes: 4096, snapshotBytes: 8192, tailBytes: 2048 };
const { store, recovered } = await openStore({ directory, ...small });
const last = recovered.records.at(-1)?.data as { n: number } | undefined;
let count = last?.n ?? (recovered.snapshot as { count: number } | undefined)?.count ?? 0;

const prompt = { outbox: store.outbox('prompt', 'oldest'), batch: 50, waitMs: 0 };
const slow = { outbox: store.outbox('slow', 'oldest'), batch: 3, waitMs: 4 };

/** Not by `process.stdout`: that one keeps lines to itself when the pipe is full. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** A sink: what is on the line has arrived, and only then is it acknowledged. */
async function send({ outbox, batch, waitMs }: { outbox: Outbox; batch: number; waitMs: number }) {
  for (;;) {
    const records = outbox.read(batch);
    for (const { seq, data } of records) {
      say(`sent ${outbox.sink} ${(data as { n: number }).n}`);
      outbox.ack(seq);
    }
    if (mode === 'drain' && outbox.backlog === 0) return;
    if (records.length > 0) await pause(waitMs);
    else await new Promise<void>((resolve) => outbox.onAppend(resolve));
  }
}

async function write(): Promise<void> {
  for (;;) {
    const n = ++count;
    store.append({ n, text: `${n}`.repeat(n % 40) });
    await store.sync();
    say(`safe ${n}`);
    if (store.wantsSnapshot) await store.snapshot({ count });
    if (n % 10 === 0) await pause(1);
  }
}

const sinks = [prompt, slow].map(send);
if (mode !== 'drain') await write();
await Promise.all(sinks);
await store.close();
