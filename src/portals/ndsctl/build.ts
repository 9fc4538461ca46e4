import type { GatewayConfig } from '../../config/sections.js';
import type { PortalMember } from '../../ports/portal.js';
import type { PortalParts } from '../parts.js';
import type { NdsctlKind } from './kind.js';
import { NdsctlPortal } from './portal.js';
import type { ControlTarget } from './socket.js';

/** Makes a member of the seam of a kind of portal. */
export function ndsctlMember(kind: NdsctlKind): PortalMember<GatewayConfig, PortalParts> {
  return {
    build({ name, transport, command, socket }, { pool, kernelKeepsRates }) {
      const target: ControlTarget =
        transport === 'command'
          ? { transport, file: command }
          : { transport, path: socket ?? kind.usualSocket() };
      const meter = pool.meter({ target, dialect: kind.dialect });
      // Where the kernel keeps to the rates the portal's own would only be in the way of a change.
      return new NdsctlPortal({ name, target, kind, meter, tellRates: !kernelKeepsRates() });
    },
  };
}
