import { existsSync, readFileSync, statSync } from 'node:fs';
import { reasonOf, systemErrorOf } from '../system-error.js';
import type { Fault } from './fault.js';
import { Loader } from './loader.js';
import type { Config, Gateway, Schema } from './schema.js';
import type { FileText } from './uci.js';

export type { Config } from './schema.js';

export type ConfigResult<G extends Gateway = Gateway> =
  | { readonly ok: true; readonly config: Config<G> }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Beside the configuration: what rpcd shows to nobody. */
const secretsSuffix = '_secrets';
const largestFile = 1024 * 1024;

/** Reads a configuration file and that of its secrets, which stands beside it. All faults are reported at once. */
export function readConfig<G extends Gateway>(schema: Schema<G>, file: string): ConfigResult<G> {
  const secrets = `${file}${secretsSuffix}`;
  try {
    const { text } = readText(file);
    return loadConfig(schema, text, file, existsSync(secrets) ? readText(secrets) : undefined);
  } catch (cause) {
    const message = `cannot be read: ${reasonOf(cause)}`;
    const where = systemErrorOf(cause)?.path ?? file;
    return { ok: false, faults: [{ file: where, line: 0, section: '', code: 'unreadable', message }] };
  }
}

/** Reads the text of a configuration and that of its secrets; `file` is its name in faults. */
export function loadConfig<G extends Gateway>(
  schema: Schema<G>,
  text: string,
  file: string,
  secrets?: FileText,
): ConfigResult<G> {
  const faults: Fault[] = [];
  // The cast holds: the loader makes each portal with a section of this schema.
  const config = new Loader(schema, { text, file }, secrets, faults).load() as Config<G>;
  if (faults.length > 0) return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
  return { ok: true, config: freeze(config) };
}

/** @throws Error when it is too large, or cannot be read */
function readText(file: string): FileText {
  const { size } = statSync(file);
  if (size > largestFile) throw new Error(`${file} is larger than ${largestFile} bytes`);
  return { file, text: readFileSync(file, 'utf8') };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (!(value instanceof Map)) for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
