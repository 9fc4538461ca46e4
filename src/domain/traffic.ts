import type { Baseline } from './reading.js';
import type { Session } from './session.js';
import type { Bytes } from './units.js';

/** Addresses of one device whose counters are kept for a restart; no honest device uses more. */
const maxBaselines = 16;

/** The session with traffic that its portal counted. */
export function bill(
  session: Session,
  { up, down, baseline }: { up: Bytes; down: Bytes; baseline?: Baseline },
): Session {
  const { usage, baselines } = session;
  const used = { ...usage, up: (usage.up + up) as Bytes, down: (usage.down + down) as Bytes };
  if (!baseline) return { ...session, usage: used };
  const others = baselines.filter((b) => b.ip !== baseline.ip || b.mac !== baseline.mac);
  return { ...session, usage: used, baselines: [...others, baseline].slice(-maxBaselines) };
}
