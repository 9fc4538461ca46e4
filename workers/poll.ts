import type { Dialect } from '../src/domain/dialect.js';
import { listCommand } from '../src/portals/ndsctl/commands.js';
import { NdsctlError } from '../src/portals/ndsctl/error.js';
import { ReplyBytes } from '../src/portals/ndsctl/reply-bytes.js';
import { request } from '../src/portals/ndsctl/socket.js';
import { endShells } from '../src/programs/output.js';
import { busyTime } from './busy.js';
import type { EndTask, PollResult, PollTask, ResultOf, Task } from './contract.js';
import { readCounters } from './counters.js';
import { Ledger } from './ledger.js';
import { readNeighbours } from './neighbours.js';
import { rowsOf } from './rows.js';
import { Scanner } from './scan.js';
import { testify } from './witness.js';

/** A scanner keeps nothing of what it scanned; one for each dialect spares its tables. */
const scanners = new Map<Dialect['name'], Scanner>();

/** Room for replies that is free: as many as there were polls at the same time. */
const rooms: ReplyBytes[] = [];

/** Piscina entry: a look at a portal, or at the kernel's counters, connections or neighbours. */
export default function look(task: Task | EndTask): Promise<ResultOf<Task> | undefined> {
  if ('ends' in task) return endShells().then(() => undefined);
  if ('told' in task) return readCounters(task);
  if ('memory' in task) return testify(task);
  return 'interfaces' in task ? readNeighbours(task) : poll(task);
}

/**
 * Asks the portal for all clients, scans the reply into the ledger and returns what changed.
 *
 * All state is in the ledger that comes with the task: module state would differ from thread to thread.
 */
async function poll(task: PollTask): Promise<PollResult> {
  const started = performance.now();
  const into = rooms.pop() ?? new ReplyBytes();
  const { patience, limitMs, lag } = task;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limitMs);
  try {
    const { signal } = abort;
    const asked = await request(task.target, listCommand, { patience, lag, into, signal });
    const { reply, tookMs, life } = asked;
    const ledger = new Ledger(task.buffer);
    ledger.enter(life);
    const busy = busyTime();
    const result = book(ledger, scannerOf(task.dialect), reply, task.unlisted);
    const busyMs = busy();
    if (!result.ok) return { ...result, detail: describe(reply), tookMs };
    return { ...result, busyMs, tookMs, lag: asked.lag, life };
  } catch (cause) {
    const tookMs = performance.now() - started;
    if (abort.signal.aborted) {
      return { ok: false, reason: 'timeout', detail: `no whole reply within ${limitMs} ms`, tookMs };
    }
    if (cause instanceof NdsctlError) return { ok: false, reason: cause.code, detail: cause.message, tookMs };
    return { ok: false, reason: 'failed', detail: String(cause), tookMs };
  } finally {
    clearTimeout(timer);
    into.shrink();
    rooms.push(into);
  }
}

/** Scans a reply into the ledger. `unlisted`: {@link PollTask.unlisted} */
export function book(
  ledger: Ledger,
  scanner: Scanner,
  reply: Buffer,
  unlisted: PollTask['unlisted'] = new Set(),
) {
  ledger.begin();
  let unmetered = 0;
  // A set that is asked for a number makes an object of it, for each client: most often it is empty.
  const isAny = unlisted.size > 0;
  const scanned = scanner.scan(
    reply,
    (client) => {
      if (ledger.observe(client, isAny && unlisted.has(client.mac)) < 0) unmetered += 1;
    },
    (mac) => ledger.keep(mac),
  );
  if (!scanned.ok) return scanned;
  // What is missing from a reply that was cut short is not gone.
  if (scanned.complete) ledger.sweep(scanned.odd === 0 && unmetered === 0);
  return { ...scanned, unmetered, rows: rowsOf(ledger, ledger.changed()) };
}

function scannerOf(dialect: Dialect): Scanner {
  let scanner = scanners.get(dialect.name);
  if (!scanner) {
    scanner = new Scanner(dialect);
    scanners.set(dialect.name, scanner);
  }
  return scanner;
}

function describe(reply: Buffer): string {
  return reply.length === 0 ? 'an empty reply' : `${reply.length} bytes that are no list of clients`;
}
