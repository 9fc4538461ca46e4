import type { Mac } from './mac.js';
import type { Baseline } from './reading.js';
import type { Session } from './session.js';
import type { Bytes, Millis } from './units.js';
import type { Usage } from './usage.js';

/** Addresses of one device whose counters are kept for a restart; no honest device uses more. */
const maxBaselines = 16;

/** The session with traffic that its portal counted. */
export function bill(
  session: Session,
  { up, down, baseline }: { up: Bytes; down: Bytes; baseline?: Baseline },
): Session {
  const { usage, baselines } = session;
  const used = { ...usage, up: (usage.up + up) as Bytes, down: (usage.down + down) as Bytes };
  if (!baseline) return { ...session, usage: session.openedAt === undefined ? begun(used) : used };
  const isOther = (b: Baseline) => b.ip !== baseline.ip || b.mac !== baseline.mac || b.gateway !== undefined;
  const others = baselines.filter(isOther);
  return { ...session, usage: used, baselines: [...others, baseline].slice(-maxBaselines) };
}

/**
 * Who has sent through the kernel before anybody saw that they are there has begun their first step of time: whoever leaves
 * before the next look, and comes again, would have all of it back each time.
 */
function begun(usage: Usage): Usage {
  return usage.up > 0 && usage.millis === 0 ? { ...usage, millis: 1 as Millis } : usage;
}

/** The session at another portal. What the portals that it left have counted stays known: its device may come back. */
export function move(session: Session, gateway: string): Session {
  const baselines = session.baselines.map(({ gateway: at = session.gateway, ...rest }) =>
    at === gateway ? rest : { ...rest, gateway: at },
  );
  return { ...session, gateway, baselines };
}

/** The session on another device: where counters stood was said of the first one. */
export function carry(session: Session, mac: Mac): Session {
  return { ...session, mac, baselines: [], state: session.state === 'active' ? 'suspended' : session.state };
}

/** Where a portal's counters stood for a session. */
export function baselinesAt({ gateway, baselines }: Session, portal: string): Baseline[] {
  return baselines.filter((one) => (one.gateway ?? gateway) === portal);
}
