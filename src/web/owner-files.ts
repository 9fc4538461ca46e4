import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { reasonOf } from '../system-error.js';

const pictures: Readonly<Record<string, string>> = {
  ...{ '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg' },
  ...{ '.webp': 'image/webp', '.svg': 'image/svg+xml' },
};
/** Largest picture and longest terms, in bytes. */
const mostPicture = 100_000;
const mostTerms = 64 * 1024;

/** Files that the owner has named for the pages. What cannot be read is said in the log once, until that changes. */
export class OwnerFiles {
  readonly #log: (level: 'error', line: string) => void;
  /** What is amiss now, by path. */
  readonly #complaints = new Map<string, string>();

  constructor(log: (level: 'error', line: string) => void) {
    this.#log = log;
  }

  /** Undefined for what is no picture, or cannot be read. */
  picture(path: string): { readonly type: string; readonly bytes: Buffer } | undefined {
    const type = pictures[extname(path).toLowerCase()];
    const bytes = type === undefined ? undefined : this.#read(path, mostPicture);
    return type === undefined || bytes === undefined ? undefined : { type, bytes };
  }

  /** Undefined when they cannot be read. */
  terms(path: string): string | undefined {
    return this.#read(path, mostTerms)?.toString('utf8');
  }

  #read(path: string, most: number): Buffer | undefined {
    try {
      const bytes = readSmall(path, most);
      this.#complaints.delete(path);
      return bytes;
    } catch (cause) {
      const why = `page: ${path} cannot be shown: ${reasonOf(cause)}`;
      if (this.#complaints.get(path) !== why) this.#log('error', why);
      this.#complaints.set(path, why);
      return undefined;
    }
  }
}

/** @throws Error for what is no file, is too large, or cannot be read */
function readSmall(path: string, most: number): Buffer {
  const found = statSync(path);
  // A pipe or a device would be waited for without end.
  if (!found.isFile()) throw new Error(`${path} is no file`);
  if (found.size > most) throw new Error(`${path} is larger than ${most} bytes`);
  return readFileSync(path);
}
