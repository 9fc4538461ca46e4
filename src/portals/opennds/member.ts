import { ndsctlMember } from '../ndsctl/build.js';
import { openndsKind } from './kind.js';
import { openndsRules } from './own-rules.js';
import { openndsPremises } from './premises.js';
import { opennds } from './section.js';

/** openNDS, 9.10 and later. */
export const openndsPortal = {
  ...ndsctlMember(opennds, openndsKind),
  premises: openndsPremises,
  rules: openndsRules,
};
