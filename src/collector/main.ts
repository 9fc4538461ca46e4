import type { Database } from './database.js';
import { Inbox } from './inbox.js';
import { forget } from './ledger.js';
import { type CollectOptions, OptionError, readOptions, usage } from './options.js';
import { Receiver } from './receiver.js';
import { csv, report, terminalTable } from './report.js';

/** Repeats are known by their numbers for so long, in ms; after that by their totals alone. */
const rememberedMs = 90 * 86_400_000;

/** `turnpike collect`. @returns the exit code */
export async function collect(argv: readonly string[]): Promise<number> {
  let options: CollectOptions;
  try {
    options = readOptions(argv);
  } catch (cause) {
    const isTypo =
      cause instanceof OptionError || String((cause as { code?: unknown }).code).startsWith('ERR_PARSE');
    process.stderr.write(`turnpike collect: ${(cause as Error).message}\n${isTypo ? `\n${usage}` : ''}`);
    return 2;
  }
  if (options.task === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const database = await openDatabase(options.database);
  try {
    if (options.task === 'collect') return await listen(options, database);
    const table = await report(database, options.by);
    process.stdout.write(options.task === 'csv' ? csv(table) : terminalTable(table));
    return 0;
  } finally {
    await database.close();
  }
}

/** Drivers are loaded when they are asked for: they are no part of turnpike. */
async function openDatabase(place: string): Promise<Database> {
  if (/^postgres(?:ql)?:\/\//.test(place)) return (await import('./postgres.js')).openPostgres(place);
  return (await import('./sqlite.js')).openSqlite(place);
}

async function listen(options: CollectOptions, database: Database): Promise<number> {
  const log = (text: string) => process.stderr.write(`${text}\n`);
  await forget(database, Date.now() - rememberedMs);
  const inbox = new Inbox(database, log);
  let failed: Error | undefined;
  const ended = endOf();
  const receiver = new Receiver(options, inbox, {
    log,
    ready: () => log(`collecting from ${options.url} into ${database.name}`),
    failed(cause) {
      failed = cause;
      ended.end();
    },
  });
  await ended.promise;
  // What is in hand is written and acknowledged; what comes after it is another collector's.
  await inbox.stop();
  await receiver.stop();
  const { messages, repeated, unread } = inbox.stats;
  log(
    failed ? failed.message : `stopped: ${messages} messages, ${repeated} of them repeats, ${unread} unread`,
  );
  return failed ? 1 : 0;
}

/** Resolves at the first request to end. */
function endOf(): { readonly promise: Promise<void>; end(): void } {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  return { promise, end: () => end() };
}
