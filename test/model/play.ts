// Runs a script from a seed, and finds the shortest part of it that still fails.
import { seeded } from '../rig/random.js';
import { Model } from './model.js';
import { type Operation, script } from './operations.js';

/** A script that failed. */
export interface Failure {
  readonly text: string;
  /** The operations up to the one that failed. */
  readonly script: readonly Operation[];
  readonly log: readonly string[];
}

/** Runs a script; undefined when the books agreed to its end. */
export async function play(seed: number, operations: readonly Operation[]): Promise<Failure | undefined> {
  const model = new Model(seed);
  let done = 0;
  try {
    await model.begin();
    for (const operation of operations) {
      done += 1;
      await model.run(operation);
    }
    return undefined;
  } catch (cause) {
    const { message, actual, expects } = cause as { message: string; actual?: unknown; expects?: unknown };
    const values = actual === undefined ? '' : `: ${shown(actual)}, not ${shown(expects)}`;
    const text = `seed ${seed}, operation ${done}: ${message}${values}`;
    return { text, script: operations.slice(0, done), log: model.router.log.slice(-20) };
  }
}

/** The script of a seed. */
export function scriptOf(seed: number, length: number): Operation[] {
  return script(seeded(seed), length);
}

/** Leaves out what is not needed for a failure, as far as that ends within `tries` runs. */
export async function shrink(seed: number, failure: Failure, tries = 300): Promise<Failure> {
  let least = failure;
  let left = tries;
  for (
    let size = Math.ceil(least.script.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < least.script.length - 1 && left > 0; ) {
      left -= 1;
      const last = least.script[least.script.length - 1]!;
      const rest = [...least.script.slice(0, from), ...least.script.slice(from + size, -1), last];
      const smaller = rest.length < least.script.length ? await play(seed, rest) : undefined;
      if (smaller && kindOf(smaller) === kindOf(failure)) least = smaller;
      else from += size;
    }
  }
  return least;
}

/** What failed, without names and numbers. */
function kindOf({ text }: Failure): string {
  return text
    .replace(/^[^:]*: /, '')
    .replace(/[\w:.-]*\d[\w:.-]*/g, '')
    .slice(0, 60);
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v)) ?? 'undefined';
}
