import type { Mac } from '../../src/domain/mac.js';

/** A device as a portal knows it. */
export interface Device {
  readonly mac: Mac;
  readonly ip: string;
}

/** The portal's own address is 10.77.0.1. */
const firstHost = 2;

/** Device number `n`, 0 to 65533, of the simulated network. */
export function deviceAt(n: number): Device {
  const hex = n.toString(16).padStart(4, '0');
  const host = n + firstHost;
  return {
    mac: `02:77:00:00:${hex.slice(0, 2)}:${hex.slice(2)}` as Mac,
    ip: `10.77.${host >> 8}.${host & 255}`,
  };
}
