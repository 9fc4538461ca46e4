import { fstatSync, writeSync } from 'node:fs';
import { reasonOf, systemErrorOf } from '../system-error.js';
import { CommandError } from './failure.js';

/** Letters that are handed to the system at once: as many as a pipe holds on Linux (pipe(7)). */
const chunkLength = 65_536;

/**
 * Prints a text, or the parts of one, on standard output, no faster than it is read.
 *
 * `process.stdout.write` alone loses what a pipe has not taken yet when the process exits.
 * @throws {@link CommandError} `unread` when the reader has gone, `failed` when it cannot be written
 */
export async function print(text: string | Iterable<string>): Promise<void> {
  const put = fstatSync(1).isFile() ? putInFile : putInStream;
  for (const chunk of chunksOf(typeof text === 'string' ? [text] : text)) {
    await put(chunk).catch((cause) => Promise.reject(unwritten(cause)));
  }
}

/** Says something on standard error, for people. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Keeps an output that nobody reads from ending the process with a stack: {@link print} rejects, and a log that nobody
 * reads is no reason to stop selling.
 */
export function surviveLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Resolves when all that was written has been taken, or never will be. */
export async function drained(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((stream) => new Promise<void>((done) => stream.write('', () => done()))));
}

/** Small parts are put together, so that a line is not a call to the system each. */
function* chunksOf(parts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const part of parts) {
    chunk += part;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function unwritten(cause: unknown): CommandError {
  if (systemErrorOf(cause)?.code === 'EPIPE') return new CommandError('unread', 'nobody reads the output');
  return new CommandError('failed', `the output cannot be written: ${reasonOf(cause)}`, { cause });
}

/** Node's stream of a file takes a part of a chunk for all of it: on a full disk the rest would be lost in silence. */
async function putInFile(chunk: string): Promise<void> {
  const bytes = Buffer.from(chunk);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

function putInStream(chunk: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (cause) => (cause ? reject(cause) : resolve()));
  });
}
