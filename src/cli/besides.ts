import { existsSync } from 'node:fs';
import { CommandError } from './failure.js';

/** A file that is loaded by its name: beside this one in the bundle, or, seen from here, in a build for tests. */
export function besides(bundled: string, translated: string): URL {
  const isBundled = import.meta.url.endsWith('.mjs');
  return new URL(isBundled ? `./${bundled}` : translated, import.meta.url);
}

/** The worker that polls portals. */
export function workerFile(): URL {
  return besides('poll.mjs', '../../workers/poll.js');
}

/**
 * A program of its own, which the router's package leaves out: nothing else loads any of it.
 * @throws {@link CommandError} `failed` when it is not there
 */
export async function load<Module>(what: string, file: URL): Promise<Module> {
  if (existsSync(file)) return import(file.href);
  throw new CommandError('failed', `the ${what} is not part of this package; run it from a checkout`);
}
