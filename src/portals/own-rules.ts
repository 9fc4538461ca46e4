import type { OwnRules } from '../ports/premises.js';
import { nodogsplashRules } from './nodogsplash/own-rules.js';
import { openndsRules } from './opennds/own-rules.js';

/** What portals put into the kernel for themselves, by the `type` of their section `gateway`. */
export const ownRules: Readonly<Record<string, OwnRules>> = {
  opennds: openndsRules,
  nodogsplash: nodogsplashRules,
};
