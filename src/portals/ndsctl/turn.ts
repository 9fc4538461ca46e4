import { setTimeout as pause } from 'node:timers/promises';
import { NdsctlError } from './error.js';
import { lostMs } from './lag.js';
import { type Backlog, isLocked, readBacklog } from './proc.js';

/** Between looks, in ms. */
const lookMs = 20;

export interface TurnOptions {
  /** Longest wait, in ms. */
  readonly turnMs: number;
  /** Connections that waited at rest when the last request ended: if there are as many, they need no watching. */
  readonly lag: number;
  readonly signal: AbortSignal | undefined;
}

/** Connections that wait at a socket whose portal accepts nobody, not even when another one comes. */
const stuck = new Map<string, number>();

/**
 * Resolves when a request to this socket may begin: no command `ndsctl` is at work, and of what came while somebody was
 * served nothing is left to be accepted.
 * @returns how many connections wait all the same, with none accepted: the portal lags by that many
 * @throws {@link NdsctlError} `busy` or `aborted`
 */
export async function turnAt(path: string, { turnMs, lag, signal }: TurnOptions): Promise<number> {
  const began = performance.now();
  let since = began;
  let before: Backlog | undefined;
  for (;;) {
    const now = performance.now();
    const locked = isLocked(path);
    const backlog = readBacklog(path);
    const { waiting, accepted } = backlog;
    if (!locked) {
      if (waiting === 0) return settled(path, 0);
      if (accepted > 0 || waiting !== before?.waiting) since = now;
      const isStill = accepted === 0 && (waiting === lag || now - since >= lostMs);
      if (isStill && waiting < (stuck.get(path) ?? Number.POSITIVE_INFINITY)) return settled(path, waiting);
    }
    before = backlog;
    if (now - began >= turnMs) {
      const who = locked ? 'a command ndsctl' : `${waiting + accepted} requests before ours`;
      throw new NdsctlError('busy', `it is busy with ${who} for more than ${turnMs} ms`);
    }
    await pause(lookMs, undefined, { signal }).catch(() => {
      throw new NdsctlError('aborted', 'the request was called off');
    });
  }
}

/** A request was given up, and so many wait to be accepted: until fewer wait, a further one only adds to them. */
export function stuckAt(path: string, waiting: number): void {
  stuck.set(path, waiting);
}

function settled(path: string, waiting: number): number {
  stuck.delete(path);
  return waiting;
}
