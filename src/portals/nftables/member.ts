import type { PortalMember } from '../../ports/portal.js';
import type { PortalParts } from '../parts.js';
import { Air } from './air.js';
import { NftablesPortal } from './portal.js';
import { nftablesPremises } from './premises.js';
import { type NftablesConfig, nftables } from './section.js';

/** How long a list of neighbours may take, in ms. */
const limitMs = 10_000;
const args = ['neigh', 'show'];

/** turnpike's own gate: the table in the kernel, with no portal daemon before it. */
export const nftablesPortal: PortalMember<NftablesConfig, PortalParts> = {
  section: nftables,
  premises: nftablesPremises,
  build({ name, interface: interfaces, awayAfter: awayMs, ip: file }, { pool, gate, leaseFile, bus }) {
    const leases = leaseFile();
    const look = () => pool.neighbours({ file, args, interfaces, leases, limitMs });
    const now = () => performance.now();
    const air = new Air({ bus: bus(), interfaces, now });
    return new NftablesPortal({ name, gate, air, awayMs, look, now });
  },
};
