import type { NdsctlKind } from '../ndsctl/kind.js';
import { nodogsplash } from './dialect.js';

/** nodogsplash takes the client alone. */
export const nodogsplashKind: NdsctlKind = {
  dialect: nodogsplash,
  usualSocket: () => '/tmp/ndsctl.sock',
  auth: (client) => `auth ${client}`,
};
