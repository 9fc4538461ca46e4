import { closeSync, openSync, readSync } from 'node:fs';
import { ConnectionLine } from './connection-line.js';
import type { Connection } from './connections.js';
import type { ConntrackFault } from './contract.js';

const newline = 10;
/** A read gives no more than a page, in bytes. */
const chunkBytes = 16_384;
/** Longest line, in bytes; one that is longer is no connection. */
const longestLine = 1_024;

/** Room for what is read, and the end of a line that is not whole yet: the same for all passes of a thread. */
const room = Buffer.allocUnsafe(chunkBytes + longestLine);
const one = new ConnectionLine();

/**
 * Reads all connections that the kernel follows (`/proc/net/nf_conntrack`) and hands over those that it counts. Makes no
 * garbage: `take` gets the same object each time. It ends the pass by saying false: there are too many.
 *
 * @param file its path, or a descriptor of it, which stays open
 * @param until the end of patience, on the clock of `performance.now`: kernels before 6.18 take time by the square
 * @returns undefined when all were read
 */
export function passOver(
  file: string | number,
  until: number,
  take: (found: Connection) => boolean,
): ConntrackFault | undefined {
  try {
    const descriptor = typeof file === 'number' ? file : openSync(file, 'r');
    try {
      return readAll(descriptor, until, take);
    } finally {
      if (descriptor !== file) closeSync(descriptor);
    }
  } catch {
    return 'missing';
  }
}

function readAll(
  descriptor: number,
  until: number,
  take: (found: Connection) => boolean,
): ConntrackFault | undefined {
  let [at, kept] = [0, 0];
  let [lines, counted] = [0, 0];
  for (;;) {
    // From the beginning, wherever the pass before has left a descriptor that stays open.
    const length = readSync(descriptor, room, kept, chunkBytes, at);
    at += length;
    if (length === 0) return lines > 0 && counted === 0 ? 'off' : undefined;
    if (performance.now() > until) return 'late';
    const end = kept + length;
    let from = 0;
    for (let to = room.indexOf(newline); to >= 0 && to < end; to = room.indexOf(newline, from)) {
      lines += 1;
      if (one.read(room, from, to)) {
        counted += 1;
        if (!take(one)) return 'many';
      }
      from = to + 1;
    }
    kept = end - from;
    if (kept > longestLine) kept = 0;
    else room.copyWithin(0, from, end);
  }
}
