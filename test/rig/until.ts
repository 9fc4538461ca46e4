// The one way in which tests wait: for an event, or for something to become true, with one limit for both.
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';

/** How long a test waits for anything, in ms of an idle machine: much more than anything takes there. */
const patienceMs = 60_000;
/** How often a wait says on standard output that it goes on, in ms: the runner ends files that are silent. */
const sayEveryMs = 15_000;
/** Between one look and the next, in ms. */
const lookEveryMs = 10;
/** How much of the end of a log is shown, in characters. */
const logEnd = 4_000;

/** Logs of what runs beside the tests, which are shown when a wait is given up. */
export const witnesses = new Set<() => string>();

/** What `look` may see when the wait is over. */
export type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/** How many processes want each processor, one at least: what takes a second alone takes so many now. */
export const crowding = (): number => Math.max(1, loadavg()[0]! / availableParallelism());

/**
 * Resolves with what the event gives. When the event does not come in time, fails with `what` was waited for, `state`
 * and the logs.
 *
 * The limit grows with the load of the machine: where eight processes want each processor, it is eight times as long.
 * @param state what else the failure is to show; asked when the wait is given up
 */
export async function inTime<T>(what: string, event: Promise<T>, state?: () => unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<void>((resolve) => {
    let spent = 0;
    timer = setInterval(() => {
      spent += sayEveryMs / crowding();
      if (spent >= patienceMs) resolve();
      else console.log(`  waiting for: ${what}`);
    }, sayEveryMs);
  });
  const failed = givenUp.then(async () => {
    const shown = [
      ...(state ? [show(await state())] : []),
      ...[...witnesses].map((log) => log().slice(-logEnd)),
    ];
    throw new Error([`waited in vain for: ${what}`, ...shown].join('\n'));
  });
  try {
    return await Promise.race([event, failed]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Looks again and again until what it sees is truthy, and resolves with that. A failed assertion of uvu's in `look`
 * means not yet; any other error ends the wait.
 *
 * When it is given up, the error says what the last look saw, and the rest as {@link inTime}.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  state?: () => unknown,
): Promise<Truthy<T>> {
  let isOver = false;
  let seen: unknown;
  const watch = async (): Promise<Truthy<T>> => {
    let began = performance.now();
    // Looks that take long leave as much time to whatever else this process does, such as the portal.
    for (; !isOver; await pause(Math.max(lookEveryMs, performance.now() - began))) {
      began = performance.now();
      try {
        const found = await look();
        if (found) return found as Truthy<T>;
        seen = found;
      } catch (cause) {
        if (!(cause instanceof assert.Assertion)) throw cause;
        seen = `${cause.message} ${cause.details}`;
      }
    }
    throw new Error('given up');
  };
  try {
    return await inTime(
      what,
      watch(),
      async () => `last seen: ${show(seen)}${state ? `, ${show(await state())}` : ''}`,
    );
  } finally {
    isOver = true;
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 6 });
}
