import type { Section } from '../../config/section.js';
import type { PortalConfig, PortalMember } from '../../ports/portal.js';
import type { PortalParts } from '../parts.js';
import type { NdsctlKind } from './kind.js';
import { shutAll } from './parting.js';
import { NdsctlPortal } from './portal.js';
import type { ControlTarget } from './socket.js';

/** What the section of such a portal says beside what all say. */
export interface NdsctlConfig extends PortalConfig {
  readonly transport: 'socket' | 'command';
  /** Its command, for the transport of that name. */
  readonly command: string;
  /** Its control socket; at its usual place when absent. */
  readonly socket?: string;
}

/** Makes a member of the seam of a kind of portal, all but what its own configuration and its own rules say. */
export function ndsctlMember<C extends NdsctlConfig>(
  section: Section<C>,
  kind: NdsctlKind,
): Omit<PortalMember<C, PortalParts>, 'premises' | 'rules'> {
  return {
    section,
    root: 'only root may speak to its control socket',
    shutAll: (config) => shutAll(targetOf(config, kind), kind.dialect),
    build(config, { pool, kernelKeepsRates }) {
      const { name } = config;
      const target = targetOf(config, kind);
      const meter = pool.meter({ target, dialect: kind.dialect });
      // Where the kernel keeps the rates, the portal's own rates would hinder a later change.
      return new NdsctlPortal({ name, target, kind, meter, tellRates: () => !kernelKeepsRates() });
    },
  };
}

function targetOf({ transport, command, socket }: NdsctlConfig, kind: NdsctlKind): ControlTarget {
  if (transport === 'command') return { transport, file: command };
  return { transport, path: socket ?? kind.usualSocket() };
}
