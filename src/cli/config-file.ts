import { accessSync, constants, existsSync } from 'node:fs';
import type { Options } from './command.js';
import { CommandError, explain } from './failure.js';

/** Of the commands that read the daemon's configuration. */
export const configOptions = {
  config: {
    value: 'FILE',
    default: '/etc/config/turnpike',
    says: 'the configuration; its secrets are in FILE_secrets',
  },
} as const satisfies Options;

/** @throws {@link CommandError} `failed` for a configuration that is not there, or is not for this user */
export function demandFile(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const hint = existsSync(file) ? '' : '; --config FILE names another';
    throw new CommandError('failed', `${explain(cause)}${hint}`, { cause });
  }
}
