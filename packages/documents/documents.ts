import { schema } from '../../src/wiring/schema.js';
import { configurationPage } from './configuration-page.js';
import { shippedFile } from './shipped-file.js';

/** Files of the project that are made from its code, by their path; `npm run docs` writes them. */
export const documents: ReadonlyMap<string, () => string> = new Map([
  ['files/etc/config/turnpike', () => shippedFile(schema)],
  ['docs/configuration.md', () => configurationPage(schema)],
]);
