import { path } from '../../config/kind.js';
import { option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';
import { ndsctl, restartHelp, socketHelp } from '../ndsctl/section.js';
import { checkPolls, common, enabled, portalConfig } from '../section.js';

/** `config gateway` with `option type 'opennds'`. */
export const opennds = section({
  type: 'gateway',
  about: 'openNDS',
  enabled,
  options: {
    ...ndsctl,
    socket: option(path, {
      absent: 'ndsctl.sock in the first of /tmp, /run and /var that is in RAM, where openNDS puts it',
      example: '/tmp/ndsctl.sock',
      help: socketHelp,
    }),
    restart: option(path, {
      absent: 'nobody restarts it',
      example: '/etc/init.d/opennds',
      help: restartHelp,
    }),
    portal_config: portalConfig('/etc/config/opennds'),
    ...common,
  },
  check: checkPolls,
  make: (values, name) => ({ name, type: 'opennds' as const, ...values }),
});

export type OpenndsConfig = ConfigOf<typeof opennds>;
