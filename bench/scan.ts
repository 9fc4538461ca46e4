import type { Dialect } from '../src/domain/dialect.js';
import { nodogsplash } from '../src/portals/nodogsplash/dialect.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { column, columns } from '../workers/contract.js';
import { Ledger } from '../workers/ledger.js';
import { book } from '../workers/poll.js';
import { Scanner } from '../workers/scan.js';
import { startHelper } from './child.js';
import { makeReplies } from './clients.js';
import type { Options } from './options.js';
import { type Pair, pairs, spreadOf, timed } from './pairs.js';

export interface ScanResult {
  readonly dialect: Dialect['name'];
  readonly clients: number;
  readonly replyBytes: number;
  /** Milliseconds: `a` for JSON.parse and a Map, `b` for scanner and ledger. */
  readonly ms: Pair;
  /**
   * JavaScript heap that one poll leaves to the collector, in bytes: everybody moved, or all counters began anew,
   * whichever leaves more; nobody moved; JSON.parse.
   */
  readonly garbage: { readonly moving: number; readonly still: number; readonly parse: number };
}

interface Counters {
  up: number;
  down: number;
  open: boolean;
}

/** A young generation so large that no collection runs during a poll whose garbage is measured. */
export const scanFlags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];

/**
 * Polls after which the optimising compiler has done with scanner and ledger, again after a collection, which throws some
 * of its work away. Before, numbers that are not small are objects on the heap: 16 bytes and more for each client.
 */
const compiled = 100;

/** Compares two ways from the bytes of a reply to what changed since the last: scanner and ledger, and JSON.parse. */
export async function measureScan({ quick }: Options): Promise<ScanResult[]> {
  const sizes = quick ? [250, 1_000, 10_000] : [100, 250, 1_000, 10_000, 50_000];
  const asked = [...sizes.map((clients) => [opennds, clients] as const), [nodogsplash, 10_000] as const];
  const results: ScanResult[] = [];
  for (const [dialect, clients] of asked) {
    // A process for each: what the compiler learned from one size is not there for the next.
    results.push(await inProcess(dialect, clients, quick));
  }
  return results;
}

async function inProcess({ name: dialect }: Dialect, clients: number, quick: boolean): Promise<ScanResult> {
  const helper = await startHelper('scan-child.js', [], scanFlags);
  try {
    return await helper.ask<ScanResult>({ dialect, clients, quick });
  } finally {
    await helper.stop();
  }
}

/** In the helper. */
export async function compareScan(dialect: Dialect, clients: number, quick: boolean): Promise<ScanResult> {
  const replies = makeReplies(dialect, clients);
  const ours = makeOurs(dialect, clients);
  const theirs = makeTheirs(dialect);
  let turn = 0;
  // Small replies many times: a clock of microseconds is too coarse for one.
  const times = Math.max(2, Math.round((quick ? 1_000 : 5_000) / clients));
  const run = (poll: (reply: Buffer) => number) => {
    for (let i = 0; i < times; i++) {
      turn += 1;
      poll(replies[turn % 2]!);
    }
  };
  for (let i = 0; i < 20_000 / clients + 3; i++)
    for (const reply of replies) same(ours(reply), theirs(reply));
  const once = (poll: (reply: Buffer) => number) => async () => (await timed(() => run(poll))) / times;
  const ms = await pairs(quick ? 5 : 15, once(theirs), once(ours));
  const still = () => ours(replies[turn % 2]!);
  still();
  return {
    dialect: dialect.name,
    clients,
    replyBytes: replies[0].length,
    ms,
    garbage: {
      moving: garbageOf(() => ours(replies[++turn % 2]!), compiled),
      still: garbageOf(still, compiled),
      parse: garbageOf(() => theirs(replies[++turn % 2]!), 2),
    },
  };
}

/** What the worker does with a reply, and the main thread with the rows. @returns clients that changed. */
function makeOurs(dialect: Dialect, clients: number): (reply: Buffer) => number {
  const ledger = Ledger.create(clients, true);
  const scanner = new Scanner(dialect);
  return (reply) => {
    const result = book(ledger, scanner, reply);
    if (!result.ok || !result.complete || result.unmetered > 0) throw new Error('the reply was not taken in');
    const { rows } = result;
    for (let at = 0; at < rows.length; at += columns) {
      ledger.take(rows[at + column.slot]!, rows[at + column.up]!, rows[at + column.down]!);
    }
    return rows.length / columns;
  };
}

/** Our way, with two replies in turns. @returns takes in the next one, and says how many clients changed */
export function pollOf(dialect: Dialect, clients: number): () => number {
  const replies = makeReplies(dialect, clients);
  const ours = makeOurs(dialect, clients);
  let turn = 0;
  return () => ours(replies[++turn % 2]!);
}

/** The same with JSON.parse and a Map. It loses clients that share a MAC, which ours does not. */
function makeTheirs(dialect: Dialect): (reply: Buffer) => number {
  const known = new Map<string, Counters>();
  const { keys, bytesPerUnit } = dialect;
  return (reply) => {
    const parsed = JSON.parse(reply.toString('latin1')) as {
      clients: Record<string, Record<string, string>>;
    };
    const changed: { mac: string; up: number; down: number }[] = [];
    for (const [mac, client] of Object.entries(parsed.clients)) {
      const up = Number(client[keys.up]) * bytesPerUnit;
      const down = Number(client[keys.down]) * bytesPerUnit;
      const open = client.state === 'Authenticated';
      const was = known.get(mac);
      if (was?.up === up && was.down === down && was.open === open) continue;
      changed.push({ mac, up: up - (was?.up ?? 0), down: down - (was?.down ?? 0) });
      known.set(mac, { up, down, open });
    }
    return changed.length;
  };
}

function same(ours: number, theirs: number): void {
  if (ours !== theirs) throw new Error(`${ours} clients changed by our count, ${theirs} by JSON.parse`);
}

/**
 * Heap growth of one poll, in bytes. Replies of 50,000 clients fill the nursery with JSON.parse: those are not exact.
 *
 * Of two replies in turns, one shows counters that rose and the other counters that fell: the median of each, and the
 * larger of both. One median of all would be that of whichever reply came once more than the other.
 * @param warm polls from the one collection to the first that counts
 */
function garbageOf(poll: () => unknown, warm: number): number {
  const grown: [number[], number[]] = [[], []];
  gc?.();
  for (let i = 0; i < warm; i++) poll();
  for (let i = 0; i < 18; i++) {
    const before = process.memoryUsage().heapUsed;
    poll();
    const bytes = process.memoryUsage().heapUsed - before;
    // Less than nothing: a collection ran, when the nursery was full of what JSON.parse left.
    if (bytes >= 0) grown[i % 2]!.push(bytes);
  }
  return Math.max(...grown.map((values) => spreadOf(values.length > 0 ? values : [0]).median));
}
