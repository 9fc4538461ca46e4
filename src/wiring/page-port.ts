import type { Config } from './schema.js';

/** The port of TollGate's protocol (HTTP-01): its pages know no other. */
export const tollgatePort = 2121;
/** The port of the page, where nobody has chosen another. */
export const usualPagePort = 2080;

/** The port at which customers find the page first; undefined where there is none. */
export function pagePortIn({ main, web }: Pick<Config, 'main' | 'web'>): number | undefined {
  const [first] = web?.listen ?? [];
  if (!web || !first) return web && main.pagePort;
  return first.port ?? main.pagePort ?? usualPagePort;
}

/** Further ports of the customers' server, which those who have not paid must reach as well. */
export function morePortsIn({ upstreams }: Pick<Config, 'upstreams'>): number[] {
  const { tollgate } = (upstreams.cashu ?? {}) as { readonly tollgate?: string };
  return tollgate === undefined ? [] : [tollgatePort];
}
