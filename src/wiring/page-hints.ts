import { reasonOf } from '../system-error.js';
import { load } from '../web/certificate.js';
import { OwnerFiles } from '../web/owner-files.js';
import type { Config } from './schema.js';

/** What of the customers' page does not work as it is set, although each option is well written: its files. */
export function pageHints({ web }: Pick<Config, 'web'>): string[] {
  if (!web) return [];
  const { certificate, key, logo, terms } = web;
  const hints: string[] = [];
  const files = new OwnerFiles((_level, line) => hints.push(line));
  if (certificate !== undefined && key !== undefined) {
    try {
      load({ certificate, key });
    } catch (cause) {
      hints.push(`page: there is no HTTPS: ${reasonOf(cause)}`);
    }
  }
  if (logo !== undefined && !files.picture(logo) && hints.every((hint) => !hint.includes(logo))) {
    hints.push(`page: ${logo} cannot be shown: its name has to end with .png, .jpg, .webp or .svg`);
  }
  if (terms !== undefined) files.terms(terms);
  return hints;
}
