import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';

/** Begins to go wrong. @returns how it heals, where it does not by itself. */
type Fault = (portal: SimulatedPortal) => (() => unknown) | undefined;

/** What a portal does wrong in a soak. */
export const faults = {
  wedge: (portal) => {
    portal.server.wedge();
    return undefined;
  },
  reset: (portal) => {
    portal.resetCounters();
    return undefined;
  },
  restart: (portal) => {
    void portal.restart();
    return undefined;
  },
  hang: (portal) => {
    portal.faults.hang = true;
    return async () => {
      portal.faults.hang = false;
      await portal.restart();
    };
  },
  delay: (portal) => {
    portal.faults.delayMs = 300;
    return () => {
      portal.faults.delayMs = 0;
    };
  },
  empty: (portal) => {
    portal.faults.empty = true;
    return () => {
      portal.faults.empty = false;
    };
  },
  truncate: (portal) => {
    portal.faults.truncate = 20_000;
    return () => {
      portal.faults.truncate = Number.POSITIVE_INFINITY;
    };
  },
  refuse: (portal) => {
    portal.refuseDeauth = true;
    return () => {
      portal.refuseDeauth = false;
    };
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

/** @throws for a name that is none. */
export function faultNamed(name: string): FaultName {
  const found = faultNames.find((known) => known === name);
  if (!found) throw new Error(`--faults: ${name} is none of ${faultNames.join(', ')}`);
  return found;
}

/** One fault, and its end after `ms`. */
export async function misbehave(portal: SimulatedPortal, name: FaultName, ms: number): Promise<void> {
  const heal = faults[name](portal);
  if (!heal) return;
  await pause(ms);
  await heal();
}
