import { announce } from './announce.js';
import { nftables } from './nftables.js';
import { nodogsplash } from './nodogsplash.js';
import { offload } from './offload.js';
import { opennds } from './opennds.js';
import type { Target } from './target.js';

/** What can be set up, by its name on the command line and on ubus. */
export const targets: Readonly<Record<string, Target>> = {
  opennds,
  nodogsplash,
  nftables,
  announce,
  offload,
};
