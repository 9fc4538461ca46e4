import type { portals } from '../../../src/portals/registry.js';
import type { SimulatedDialect } from './dialect.js';
import { nodogsplash } from './nodogsplash.js';
import { opennds } from './opennds.js';

/** How each dialect that the daemon reads is played; one without an entry here does not compile. */
export const simulatedDialects: Readonly<Record<keyof typeof portals, SimulatedDialect>> = {
  opennds,
  nodogsplash,
};

/** The dialect of this name, or undefined: `name` is what somebody typed. */
export function dialectNamed(name: string): SimulatedDialect | undefined {
  return Object.values(simulatedDialects).find(({ dialect }) => dialect.name === name);
}
