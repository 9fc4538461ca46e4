import { existsSync, statfsSync } from 'node:fs';
import type { NdsctlKind } from '../ndsctl/kind.js';
import { opennds } from './dialect.js';

/** `f_type` of a tmpfs (magic.h). */
const tmpfsMagic = 0x01021994;
/** openNDS puts its socket into the first of these that is a tmpfs. */
const places = ['/tmp', '/run', '/var'];

/** openNDS takes rates with the command that lets a client through. */
export const openndsKind: NdsctlKind = {
  dialect: opennds,
  usualSocket() {
    const place = places.find((dir) => existsSync(dir) && statfsSync(dir).type === tmpfsMagic);
    return `${place ?? places[0]}/ndsctl.sock`;
  },
  auth(client, { upRate = 0, downRate = 0 }) {
    // client, minutes, kbit/s up and down, KiB up and down. 0 is the portal's own default, which is "none" where its
    // `sessiontimeout`, rates and quotas are left at 0. Its quotas are never used: they are checked too seldom.
    return `auth ${client},0,${Math.trunc(upRate)},${Math.trunc(downRate)},0,0`;
  },
};
