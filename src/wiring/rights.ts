import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Upstream } from '../ports/upstream.js';
import { members } from './members.js';
import { pagePortIn } from './page-port.js';
import type { Config } from './schema.js';

/** Ports below it are for root, or for CAP_NET_BIND_SERVICE, which the daemon is not given. */
const firstFreePort = 1024;

/** What the daemon needs root for. */
export interface Rights {
  /** A line for each portal, and for each port of the page and each file that is root's. */
  readonly lines: readonly string[];
  /** Those of them that need root: none where CAP_NET_ADMIN is enough. */
  readonly needs: readonly string[];
}

type Asked = Pick<Config, 'gateways' | 'main' | 'upstreams' | 'web'>;

/** What a configuration needs root for, and why: on this router, for whose files they are is looked up. */
export function rightsOf(config: Asked): Rights {
  const portals = config.gateways.map(({ name, type }) => {
    const why = members.portals[type]?.root;
    return { line: `gateway '${name}' needs ${why ? `root: ${why}` : 'no root'}`, isNeeded: Boolean(why) };
  });
  const ports = portsOf(config).filter((port) => port < firstFreePort);
  const needs = [
    ...portals.flatMap(({ line, isNeeded }) => (isNeeded ? [line] : [])),
    ...ports.map((port) => `page: port ${port} needs root: ports below ${firstFreePort} are root's`),
    ...filesOf(config)
      .filter(isClosed)
      .map((file) => `${file} needs root: others than its owner may not read it`),
  ];
  return { lines: [...new Set([...portals.map(({ line }) => line), ...needs])], needs };
}

/** Ports of the customers' page. */
function portsOf({ main, web }: Pick<Config, 'main' | 'web'>): number[] {
  const all = [pagePortIn({ main, ...(web && { web }) }), ...(web?.listen ?? []).map(({ port }) => port)];
  return [...new Set(all.flatMap((port) => port ?? []))];
}

/** Files that the owner has named, each once. */
function filesOf({ upstreams, web }: Asked): string[] {
  const { authorizers, sinks, orderSources } = members;
  const standing = [authorizers, sinks, orderSources].flatMap((seam) => Object.values(seam));
  const known = new Set(standing.map(({ upstream }) => upstream as Upstream<unknown, unknown>));
  const theirs = [...known].flatMap(({ section, files }) => {
    const config = upstreams[section.type];
    return (config && files?.(config)) ?? [];
  });
  const all = [web?.certificate, web?.key, web?.logo, web?.terms, ...theirs];
  return [...new Set(all.flatMap((file) => file ?? []))];
}

/** Whether a file is there that only some may read, or one of its folders is. */
function isClosed(file: string): boolean {
  try {
    if ((statSync(file).mode & 0o004) === 0) return true;
    for (let folder = dirname(file); folder !== '/'; folder = dirname(folder)) {
      if ((statSync(folder).mode & 0o001) === 0) return true;
    }
    return false;
  } catch {
    return false;
  }
}
