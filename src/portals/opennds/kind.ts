import type { NdsctlKind } from '../ndsctl/kind.js';
import { opennds } from './dialect.js';
import { usualSocket } from './usual-socket.js';

/** openNDS takes rates with the command that lets a client through. */
export const openndsKind: NdsctlKind = {
  dialect: opennds,
  usualSocket,
  auth(client, { upRate = 0, downRate = 0 }) {
    // client, minutes, kbit/s up and down, KiB up and down. 0 is the portal's own default: a year of time, and none for
    // the rest, as `turnpike setup` sets them. Its quotas are never used: they are checked too seldom.
    return `auth ${client},0,${Math.trunc(upRate)},${Math.trunc(downRate)},0,0`;
  },
};
