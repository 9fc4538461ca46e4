import type { DaemonOptions } from '../../src/main.js';
import { Cadence } from '../../src/portals/metering/cadence.js';
import { SimulatedKernel } from '../simulators/kernel.js';
import type { SimulatedPortal } from '../simulators/portal.js';

/** When the counters are read, in ms, and the largest share of the time that this takes. */
const reading = { minMs: 250, maxMs: 1_000, share: 0.25 };

/** A simulated kernel behind this portal: what its clients move passes there, or not. */
export function kernelFor(portal: SimulatedPortal): NonNullable<DaemonOptions['kernel']> {
  return {
    make(wanted) {
      const kernel = new SimulatedKernel(wanted);
      portal.kernel = (mac, bytes) => kernel.pass(mac, bytes);
      return kernel;
    },
    cadence: new Cadence(reading),
  };
}
