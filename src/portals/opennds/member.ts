import { ndsctlMember } from '../ndsctl/build.js';
import { openndsKind } from './kind.js';
import { opennds } from './section.js';

/** openNDS, 9.10 and later. */
export const openndsPortal = ndsctlMember(opennds, openndsKind);
