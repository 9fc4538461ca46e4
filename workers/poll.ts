import type { Dialect } from '../src/domain/dialect.js';
import { NdsctlError, ReplyBytes, request } from '../src/portals/ndsctl/socket.js';
import type { CounterResult, CounterTask, PollResult, PollTask } from './contract.js';
import { readCounters } from './counters.js';
import { Ledger } from './ledger.js';
import { rowsOf } from './rows.js';
import { Scanner } from './scan.js';

/** A scanner keeps nothing of what it scanned; one for each dialect spares its tables. */
const scanners = new Map<Dialect['name'], Scanner>();

/** Room for replies that is free: as many as there were polls at the same time. */
const rooms: ReplyBytes[] = [];

/** Piscina entry: a look at a portal, or at the counters in the kernel. */
export default function look(task: PollTask | CounterTask): Promise<PollResult | CounterResult> {
  return 'told' in task ? readCounters(task) : poll(task);
}

/**
 * Asks the portal for all clients, scans the reply into the ledger and returns what changed.
 *
 * All state is in the ledger that comes with the task: module state would differ from thread to thread.
 */
async function poll(task: PollTask): Promise<PollResult> {
  const started = performance.now();
  const into = rooms.pop() ?? new ReplyBytes();
  const { timeoutMs, limitMs, late } = task;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limitMs);
  try {
    const { signal } = abort;
    const asked = request(task.target, 'json', { timeoutMs, late, into, signal });
    const { reply, tookMs, kicks, life } = await asked;
    const ledger = new Ledger(task.buffer);
    ledger.enter(life);
    const result = book(ledger, scannerOf(task.dialect), reply);
    if (!result.ok) return { ...result, detail: describe(reply), tookMs };
    return { ...result, tookMs, kicks, life };
  } catch (cause) {
    const tookMs = performance.now() - started;
    if (abort.signal.aborted) {
      return { ok: false, reason: 'timeout', detail: `no whole reply within ${limitMs} ms`, tookMs };
    }
    if (cause instanceof NdsctlError) return { ok: false, reason: cause.code, detail: cause.message, tookMs };
    return { ok: false, reason: 'failed', detail: String(cause), tookMs };
  } finally {
    clearTimeout(timer);
    rooms.push(into);
  }
}

/** Scans a reply into the ledger. */
export function book(ledger: Ledger, scanner: Scanner, reply: Buffer) {
  ledger.begin();
  let unmetered = 0;
  const scanned = scanner.scan(reply, (client) => {
    if (ledger.observe(client) < 0) unmetered += 1;
  });
  if (!scanned.ok) return scanned;
  // What is missing from a reply that was cut short, or was odd in it, is not gone.
  if (scanned.complete && scanned.odd === 0) ledger.sweep();
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
