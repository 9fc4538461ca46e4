import { readFileSync } from 'node:fs';
import { parseUci } from '../config/uci.js';
import type { ReadUci } from '../ports/portal.js';
import type { GardenPlace, Premises } from '../ports/premises.js';
import { reasonOf } from '../system-error.js';
import type { Members } from './members.js';
import { morePortsIn, pagePortIn } from './page-port.js';
import type { Config } from './schema.js';

/** Where one portal's customers are, with the place where the addresses of open names are found. */
export interface PlacedPremises extends Omit<Premises, 'garden'> {
  readonly garden?: GardenPlace;
}

export interface PremisesFound {
  readonly premises: readonly PlacedPremises[];
  /** What could not be taken over of the portals' own configurations, a line each. */
  readonly faults: readonly string[];
}

/**
 * Where the portals' customers are, and what passes there without a session: as turnpike's configuration says, and the
 * portals' own. A file that is not there or no UCI is reported, and the portal taken for one with its defaults.
 */
export function premisesOf(
  {
    gateways,
    main,
    web,
    upstreams = {},
  }: Pick<Config, 'gateways'> & Partial<Pick<Config, 'main' | 'web' | 'upstreams'>>,
  portals: Members['portals'],
): PremisesFound {
  const faults: string[] = [];
  const premises = gateways.map((config) => {
    const { name, type, interface: named, exclusive } = config;
    const say = (fault: string) => faults.push(`gateway '${name}': ${fault}`);
    const member = portals[type]!;
    const { faults: own, interfaces, front, ...rest } = member.premises(config, readUci(say));
    for (const fault of own) say(`in the configuration of ${type}, ${fault}`);
    const where = { portal: name, interfaces: named.length > 0 ? named : interfaces, exclusive };
    const page = main && pagePortIn({ main, ...(web && { web }) });
    if (front && main && page === undefined) say('there is no page for its customers: set page_port');
    const also = morePortsIn({ upstreams });
    const ports = { ...(page !== undefined && { page }), ...(also.length > 0 && { also }) };
    const before = front && { front: { ...front, ...ports } };
    return { ...rest, ...where, ...before, ...(member.rules && { own: member.rules }) };
  });
  return { premises, faults };
}

/** Reads UCI files. Of one with faults that part is used which could be made out, as the portal's scripts do. */
function readUci(say: (fault: string) => void): ReadUci {
  return (file) => {
    try {
      const { sections, faults } = parseUci(readFileSync(file, 'utf8'));
      for (const { line, message } of faults.slice(0, 1)) say(`${file}:${line}: ${message}`);
      return sections;
    } catch (cause) {
      say(`${file} cannot be read (${reasonOf(cause)}): its defaults are taken`);
      return undefined;
    }
  };
}
