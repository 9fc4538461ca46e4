import type { Bus } from '../ports/bus.js';
import type { KernelGate } from '../ports/kernel.js';
import type { MeterPool } from './metering/pool.js';

/** What a portal is built from, beside its configuration. */
export interface PortalParts {
  /** The worker threads that read portals. */
  readonly pool: MeterPool;
  /** Plans' rates stand in the kernel, whatever the portal does. */
  readonly kernelKeepsRates: () => boolean;
  /** The gates of the table in the kernel; undefined where that is switched off. */
  readonly gate: KernelGate | undefined;
  /** Where dnsmasq keeps its leases. */
  readonly leaseFile: () => string;
  /** What others offer on ubus; the first question opens the connection. */
  readonly bus: () => Bus;
}
