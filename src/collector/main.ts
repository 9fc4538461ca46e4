import type { Log } from '../ports/log.js';
import type { Result } from '../ports/result.js';
import type { Database } from './database.js';
import { Folding } from './folding.js';
import { forgetDaily } from './forget.js';
import { Inbox, type InboxStats } from './inbox.js';
import { openDatabase } from './open.js';
import { type CollectOptions, type GivenOptions, readOptions } from './options.js';
import { Receiver } from './receiver.js';
import { report } from './report.js';
import { csv, terminalTable } from './table.js';

/** The clock of the machine, whose timers keep no process alive. */
const clock = {
  wall: () => Date.now(),
  after(ms: number, task: () => void) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** What the command line lends to the collector. */
export interface CollectorParts {
  readonly log: Log;
  /** Prints lines on standard output, no faster than they are read. */
  print(lines: Iterable<string>): Promise<void>;
  /** Resolves at the first request to end. */
  ended(): Promise<void>;
}

/**
 * `turnpike collect`. @returns the exit code, or what is wrong with the options
 * @throws {@link NoDatabaseError}, and what the database or the operating system throws
 */
export async function collect(given: GivenOptions, parts: CollectorParts): Promise<Result<number>> {
  const options = readOptions(given);
  if (!options.ok) return options;
  const { database: place, task, by } = options.value;
  const database = await openDatabase(place, { make: task === 'collect' });
  try {
    if (task === 'collect') return { ok: true, value: await listen(options.value, database, parts) };
    const table = await report(database, by);
    await parts.print(task === 'csv' ? csv(table) : terminalTable(table));
    return { ok: true, value: 0 };
  } finally {
    await database.close();
  }
}

async function listen(options: CollectOptions, database: Database, parts: CollectorParts): Promise<number> {
  const { log } = parts;
  const ended = parts.ended();
  const remember = forgetDaily(database, log, clock);
  const inbox = new Inbox(database, log);
  const folding = new Folding(database, log, clock);
  let fail = (_cause: Error) => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const receiver = new Receiver(options, inbox, {
    log,
    ready: (broker) => log('info', `collecting from ${broker} into ${database.name}`),
    failed: fail,
  });
  const cause = await Promise.race([failed, ended]);
  remember();
  // Write and acknowledge the messages in hand; the broker keeps later ones for another collector.
  await inbox.stop();
  await receiver.stop();
  await folding.stop();
  const { messages, repeated, unread } = sumOf(inbox.stats, folding.stats);
  log('info', `stopped: ${messages} messages, ${repeated} of them repeats, ${unread} unread`);
  if (cause) log('error', cause.message);
  return cause ? 1 : 0;
}

function sumOf({ messages, repeated, unread }: InboxStats, later: Folding['stats']) {
  return { messages, repeated: repeated + later.repeated, unread: unread + later.unread };
}
