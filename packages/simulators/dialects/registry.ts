import type { portals } from '../../../src/portals/registry.js';
import type { SimulatedDialect } from './dialect.js';
import { nodogsplash } from './nodogsplash.js';
import { opennds } from './opennds.js';

/** Portals that are programs: turnpike's own is the kernel itself. */
type Program = Exclude<keyof typeof portals, 'nftables'>;

/** How each dialect that the daemon reads is played; one without an entry here does not compile. */
export const simulatedDialects: Readonly<Record<Program, SimulatedDialect>> = {
  opennds,
  nodogsplash,
};

/** The dialect of this name, or undefined: `name` is what somebody typed. */
export function dialectNamed(name: string): SimulatedDialect | undefined {
  return Object.values(simulatedDialects).find(({ dialect }) => dialect.name === name);
}
