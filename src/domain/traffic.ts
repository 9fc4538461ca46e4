import type { Baseline } from './reading.js';
import type { Session } from './session.js';
import type { Bytes } from './units.js';

/** Addresses of one device whose counters are kept for a restart; no honest device uses more. */
const maxBaselines = 16;

/** The session with traffic that its portal counted. */
export function bill(session: Session, event: { up: Bytes; down: Bytes; baseline: Baseline }): Session {
  const { usage } = session;
  const others = session.baselines.filter((b) => b.ip !== event.baseline.ip || b.mac !== event.baseline.mac);
  return {
    ...session,
    usage: { ...usage, up: (usage.up + event.up) as Bytes, down: (usage.down + event.down) as Bytes },
    baselines: [...others, event.baseline].slice(-maxBaselines),
  };
}

/** The session with traffic that nobody counted, as to the client. */
export function addDown(session: Session, more: Bytes): Session {
  const { usage } = session;
  return { ...session, usage: { ...usage, down: (usage.down + more) as Bytes } };
}
