import { ownRules } from '../portals/own-rules.js';
import type { Premises } from '../ports/premises.js';
import type { Config } from './schema.js';

/** Where openNDS and nodogsplash serve by default. */
const usual = ['br-lan'];

/** Where the portals' customers are, and what passes there without a session. */
export function premisesOf({ gateways }: Config): Premises[] {
  return gateways.map((config) => {
    const interfaces = config.interface.length > 0 ? config.interface : usual;
    const { name, type, exclusive } = config;
    const own = ownRules[type];
    return { portal: name, interfaces, exclusive, trusted: [], open: [], ...(own && { own }) };
  });
}
