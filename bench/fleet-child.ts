import { idOf, usageRecord } from '../test/mqtt/journal.js';
import { SimulatedRouter } from '../test/mqtt/router.js';
import { serve } from './child.js';

interface Asked {
  /** Reports of each router, the first of each at a moment of its own within `everyMs`; all at once when that is 0. */
  readonly reports?: number;
  readonly everyMs?: number;
}

const [url = '', count = '', clients = ''] = process.argv.slice(2);
let connected = 0;
let all = () => {};
const up = () => {
  connected += 1;
  if (connected === Number(count)) all();
};
const routers = Array.from({ length: Number(count) }, (_, i) => {
  const ids = Array.from({ length: Number(clients) }, (_, n) => idOf(1e12 + i * 1000 + n));
  return { router: new SimulatedRouter(url, `router-${i}`, 'msgpack', up), ids, made: 0 };
});
await new Promise<void>((resolve) => {
  all = resolve;
  // A broker's queue of connections is short.
  for (const [i, { router }] of routers.entries()) setTimeout(() => router.start(), i * 2);
});

/** What a client of a busy evening moves in a minute, more or less. */
function report(one: (typeof routers)[number]): void {
  one.made += 1;
  const rows = one.ids.map((id, n) => {
    const used = {
      up: one.made * (50_000 + 1_000 * n),
      down: one.made * (900_000 + 20_000 * n),
      millis: one.made * 60_000,
    };
    return [id, used] as const;
  });
  one.router.outbox.append(usageRecord(Date.now(), rows));
}

async function run({ reports = 0, everyMs = 0 }: Asked): Promise<{ bytes: number }> {
  const before = routers.reduce((sum, { router }) => sum + router.bytes, 0);
  await Promise.all(
    routers.map(async (one, i) => {
      await new Promise((resolve) => setTimeout(resolve, (i / routers.length) * everyMs));
      for (let n = 0; n < reports; n++) {
        report(one);
        if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
        // One at a time: a report is cut when the one before has arrived.
        while (one.router.backlog > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }),
  );
  return { bytes: routers.reduce((sum, { router }) => sum + router.bytes, 0) - before };
}

serve(run);
