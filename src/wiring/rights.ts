import { members } from './members.js';
import { pagePortIn } from './page-port.js';
import type { Config } from './schema.js';

/** Ports below it are for root, or for CAP_NET_BIND_SERVICE, which the daemon is not given. */
const firstFreePort = 1024;

/** What the daemon needs root for. */
export interface Rights {
  /** A line for each portal and for each port of the page that is root's. */
  readonly lines: readonly string[];
  /** Those of them that need root: none where CAP_NET_ADMIN is enough. */
  readonly needs: readonly string[];
}

/** What a configuration needs root for, and why. */
export function rightsOf(config: Pick<Config, 'gateways' | 'main' | 'web'>): Rights {
  const portals = config.gateways.map(({ name, type }) => {
    const why = members.portals[type]?.root;
    return { line: `gateway '${name}' needs ${why ? `root: ${why}` : 'no root'}`, isNeeded: Boolean(why) };
  });
  const ports = portsOf(config).filter((port) => port < firstFreePort);
  const needs = [
    ...portals.flatMap(({ line, isNeeded }) => (isNeeded ? [line] : [])),
    ...ports.map((port) => `page: port ${port} needs root: ports below ${firstFreePort} are root's`),
  ];
  return { lines: [...new Set([...portals.map(({ line }) => line), ...needs])], needs };
}

/** Ports of the customers' page. */
function portsOf({ main, web }: Pick<Config, 'main' | 'web'>): number[] {
  const all = [pagePortIn({ main, ...(web && { web }) }), ...(web?.listen ?? []).map(({ port }) => port)];
  return [...new Set(all.flatMap((port) => port ?? []))];
}
