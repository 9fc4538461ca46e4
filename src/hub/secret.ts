import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A value that may be secret. It stands in a file or in the environment, never in the configuration itself. */
export const secret = z.union([z.strictObject({ file: z.string() }), z.strictObject({ env: z.string() })]);
/** Two while one takes the place of the other. */
export const secrets = z.array(secret).min(1).max(2);

/** A key as Standard Webhooks writes them. */
export const base64 = /^(?:whsec_)?[A-Za-z0-9+/]{20,200}={0,2}$/;

/** Reads a secret. @param what it is, for people @throws where it is missing, or has another form */
export function secretOf(
  place: z.output<typeof secret>,
  env: NodeJS.ProcessEnv,
  form: RegExp,
  what: string,
): string {
  const value = ('file' in place ? readFileSync(place.file, 'utf8') : env[place.env])?.trim() ?? '';
  if (!form.test(value)) throw new Error(`no ${what} in ${JSON.stringify(place)}`);
  return value;
}
