import { nftablesPortal } from './nftables/member.js';
import { nodogsplashPortal } from './nodogsplash/member.js';
import { openndsPortal } from './opennds/member.js';

/** Captive portals, by the `type` of their section `gateway`. */
export const portals = { opennds: openndsPortal, nodogsplash: nodogsplashPortal, nftables: nftablesPortal };
