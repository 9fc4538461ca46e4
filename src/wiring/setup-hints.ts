import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseUci } from '../config/uci.js';
import { changesOf } from '../setup/changes.js';
import { targets } from '../setup/registry.js';
import { announcementOf, portAt } from './announcement.js';
import { members } from './members.js';
import { usualPagePort } from './page-port.js';
import type { Config } from './schema.js';
import { addressOn, interfacesOf } from './setup.js';

/** Fewest characters of a key that nobody guesses. */
const leastKey = 32;

/**
 * What is not set of the portals that are configured, a line for each; none for a portal that is not installed. Reads
 * the files themselves: `uci` is not needed.
 * @param file turnpike's own configuration; those of the portals are beside it
 */
export function setupHints(config: Config, file: string): string[] {
  const { gateways, main } = config;
  const read = (name: string) => sectionsIn(join(dirname(file), name));
  return Object.entries(targets).flatMap(([name, target]) => {
    const gateway = gateways.find(({ type }) => type === target.gateway);
    if (!target.files.every((one) => read(one))) return [];
    const proposal = target.proposal?.(gateways, read);
    if (proposal !== undefined) return [`setup ${name}: ${proposal}; see 'turnpike setup ${name}'`];
    if ((target.gateway !== undefined && !gateway) || target.needless?.(main)) return [];
    const address = addressOn(interfacesOf(gateway ? { gateways: [gateway] } : config, members.portals));
    const port = portAt(config, usualPagePort, address);
    const plan = target.plan({
      ...{ own: basename(file), port, read },
      ...{ api: announcementOf(config, port), interfaces: interfacesOf(config, members.portals) },
      address,
      key: (now) => (now !== undefined && now.length >= leastKey ? now : 'a random key'),
    });
    if (!plan.ok) return [`setup ${name}: ${plan.message}`];
    const { settings, pages } = changesOf(plan.value, read);
    const wrong = [...settings.map(({ option }) => option), ...pages.map(({ path }) => path)];
    if (wrong.length === 0) return [];
    return [`setup ${name}: not set are ${wrong.join(', ')}: ${target.danger}; see 'turnpike setup ${name}'`];
  });
}

function sectionsIn(file: string) {
  try {
    return parseUci(readFileSync(file, 'utf8')).sections;
  } catch {
    return undefined;
  }
}
