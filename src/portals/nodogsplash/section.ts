import { path } from '../../config/kind.js';
import { option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';
import { ndsctl, restartHelp, socketHelp } from '../ndsctl/section.js';
import { checkPolls, common, enabled, portalConfig } from '../section.js';

/** `config gateway` with `option type 'nodogsplash'`. */
export const nodogsplash = section({
  type: 'gateway',
  about: 'nodogsplash',
  enabled,
  options: {
    ...ndsctl,
    socket: option(path, { default: '/tmp/ndsctl.sock', help: socketHelp }),
    restart: option(path, {
      absent: 'nobody restarts it',
      example: '/etc/init.d/nodogsplash',
      help: restartHelp,
    }),
    portal_config: portalConfig('/etc/config/nodogsplash'),
    ...common,
  },
  check: checkPolls,
  make: (values, name) => ({ name, type: 'nodogsplash' as const, ...values }),
});

export type NodogsplashConfig = ConfigOf<typeof nodogsplash>;
