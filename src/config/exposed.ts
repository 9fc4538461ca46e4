import { existsSync, statSync } from 'node:fs';
import type { Fault } from './fault.js';

/** What is wrong with a file of secrets that others than its owner may read or write. */
export function exposed(file: string): Fault[] {
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0;
  if ((mode & 0o077) === 0) return [];
  const message = `others than root may open it (mode ${mode.toString(8)}): chmod 600 ${file}`;
  return [{ file, line: 0, section: '', code: 'exposed', message }];
}
