import { ndsctlMember } from '../ndsctl/build.js';
import { nodogsplashKind } from './kind.js';
import { nodogsplashRules } from './own-rules.js';
import { nodogsplashPremises } from './premises.js';
import { nodogsplash } from './section.js';

/** nodogsplash, 5.0.2 and later. */
export const nodogsplashPortal = {
  ...ndsctlMember(nodogsplash, nodogsplashKind),
  premises: nodogsplashPremises,
  rules: nodogsplashRules,
};
