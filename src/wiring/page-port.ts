import type { Config } from './schema.js';

/** The port of the page, where nobody has chosen another. */
export const usualPagePort = 2080;

/** The port at which customers find the page first; undefined where there is none. */
export function pagePortIn({ main, web }: Pick<Config, 'main' | 'web'>): number | undefined {
  const [first] = web?.listen ?? [];
  if (!web || !first) return web && main.pagePort;
  return first.port ?? main.pagePort ?? usualPagePort;
}
