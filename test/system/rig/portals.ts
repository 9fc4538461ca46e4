import { findNodogsplash, noDogSplash } from './nodogsplash.js';
import { openNds } from './opennds.js';
import type { GateKind, PortalKind } from './portal.js';

/** The portals to test on: Debian's openNDS, and nodogsplash where there is one. Says so where there is none. */
export function portals(): PortalKind[] {
  const program = findNodogsplash();
  if (program !== undefined) return [openNds(), noDogSplash(program)];
  console.log('  real nodogsplash: SKIPPED, there is none: name it in NODOGSPLASH to run these tests on it');
  return [openNds()];
}

/** The same, and turnpike's own gate, to which they are compared. */
export function gates(): GateKind[] {
  return [...portals(), { title: "turnpike's own", isOwn: true, rejectsIpv6: false }];
}
