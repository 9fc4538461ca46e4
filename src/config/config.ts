import { existsSync, readFileSync, statSync } from 'node:fs';
import { reasonOf, systemErrorOf } from '../system-error.js';
import type { Fault } from './fault.js';
import { Loader } from './loader.js';
import type { Config, Gateway, Schema } from './schema.js';
import type { FileText } from './uci.js';

export type { Config } from './schema.js';

export type ConfigResult<G extends Gateway = Gateway> =
  | { readonly ok: true; readonly config: Config<G> }
  | {
      readonly ok: false;
      readonly faults: readonly Fault[];
      /**
       * What is without faults, for a daemon that starts: every portal that can be made out, and other sections without
       * a fault. Absent where nothing may start: no file, no portal, or nobody knows where the journal is.
       */
      readonly sound?: Config<G>;
      /** The same for a program that only tidies up: also there without a portal. */
      readonly rest?: Config<G>;
    };

/** Beside the configuration: what rpcd shows to nobody. */
const secretsSuffix = '_secrets';
const largestFile = 1024 * 1024;

/** Reads a configuration file and that of its secrets, which stands beside it. All faults are reported at once. */
export function readConfig<G extends Gateway>(schema: Schema<G>, file: string): ConfigResult<G> {
  const secrets = `${file}${secretsSuffix}`;
  const faults: Fault[] = [];
  const given = readable(file, faults);
  if (!given) return { ok: false, faults };
  const hidden = existsSync(secrets) ? readable(secrets, faults) : undefined;
  return resultOf(schema, given, hidden, faults);
}

/** Reads the text of a configuration and that of its secrets; `file` is its name in faults. */
export function loadConfig<G extends Gateway>(
  schema: Schema<G>,
  text: string,
  file: string,
  secrets?: FileText,
): ConfigResult<G> {
  return resultOf(schema, { text, file }, secrets, []);
}

/** @param faults so far: files that cannot be read */
function resultOf<G extends Gateway>(
  schema: Schema<G>,
  given: FileText,
  secrets: FileText | undefined,
  faults: Fault[],
): ConfigResult<G> {
  const loader = new Loader(schema, given, secrets, faults);
  // The cast holds: the loader makes each portal with a section of this schema.
  const config = freeze(loader.load() as Config<G>);
  if (faults.length === 0) return { ok: true, config };
  const rest = loader.knowsJournal && { rest: config };
  const sound = loader.knowsJournal && config.gateways.length > 0 && { sound: config };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line), ...rest, ...sound };
}

/** The text of a file; undefined, with a fault, when it cannot be read. */
function readable(file: string, faults: Fault[]): FileText | undefined {
  try {
    return readText(file);
  } catch (cause) {
    const message = `cannot be read: ${reasonOf(cause)}`;
    const where = systemErrorOf(cause)?.path ?? file;
    faults.push({ file: where, line: 0, section: '', code: 'unreadable', message });
    return undefined;
  }
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
