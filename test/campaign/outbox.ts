import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Random, whole } from '../rig/random.js';

const child = fileURLToPath(new URL('./outbox-child.js', import.meta.url));

/** What the sinks got, over all runs. */
export interface Deliveries {
  readonly kills: number;
  /** Records of which a process said that they are safe, and those of them that a sink never got. */
  readonly records: number;
  readonly undelivered: number;
  /** First deliveries that came before an earlier record's. */
  readonly outOfOrder: number;
  readonly repeated: number;
}

/** A sink at the other end: it keeps what came, in the order in which it came first. */
class Sink {
  readonly got = new Set<number>();
  outOfOrder = 0;
  repeated = 0;

  take(n: number): void {
    if (this.got.has(n)) this.repeated += 1;
    else if (n !== this.got.size + 1) this.outOfOrder += 1;
    this.got.add(n);
  }
}

/** Kills a process that appends and sends, again and again, and lets the last one send what is left. */
export async function deliverThroughKills(kills: number, random: Random): Promise<Deliveries> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-outbox-'));
  const sinks: Record<string, Sink> = { prompt: new Sink(), slow: new Sink() };
  let records = 0;
  const take = (line: string) => {
    const [what, ...rest] = line.split(' ');
    if (what === 'safe') records = Math.max(records, Number(rest[0]));
    if (what === 'sent') sinks[rest[0]!]!.take(Number(rest[1]));
  };
  try {
    for (let i = 0; i < kills; i++) await run(directory, take, whole(random, 5, 150));
    await run(directory, take, undefined);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const all = Object.values(sinks);
  const sum = (of: (sink: Sink) => number) => all.reduce((total, sink) => total + of(sink), 0);
  // Records that were written and not said to be safe may be among those that arrived.
  const missing = (sink: Sink) =>
    Array.from({ length: records }, (_, i) => i + 1).filter((n) => !sink.got.has(n));
  return {
    kills,
    records,
    undelivered: sum((sink) => missing(sink).length),
    outOfOrder: sum((sink) => sink.outOfOrder),
    repeated: sum((sink) => sink.repeated),
  };
}

/** Runs the process until it has written `lines` lines, and kills it; or to its end. */
async function run(
  directory: string,
  take: (line: string) => void,
  lines: number | undefined,
): Promise<void> {
  const args = lines === undefined ? [child, directory, 'drain'] : [child, directory];
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [rest, errors, seen] = ['', '', 0];
  started.stderr.on('data', (text) => {
    errors += text;
  });
  started.stdout.on('data', (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    seen += parts.length;
    for (const line of parts) take(line);
    if (lines !== undefined && seen >= lines) started.kill('SIGKILL');
  });
  await once(started, 'close');
  if (errors !== '') throw new Error(errors);
}
