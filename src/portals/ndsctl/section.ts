import { choice, path } from '../../config/kind.js';
import { option } from '../../config/option.js';

/** What the sections of portals have that are asked as `ndsctl` asks them. */
export const ndsctl = {
  transport: option(choice({ socket: 'through its control socket', command: 'by its command' }), {
    default: 'socket',
    help: 'How the portal is asked.',
  }),
  command: option(path, {
    default: '/usr/bin/ndsctl',
    help: "The portal's command, used when `transport` is command.",
  }),
};

/** What is said of the option `socket`. */
export const socketHelp = "The portal's control socket, used when `transport` is socket.";

/** What is said of the option `restart`. */
export const restartHelp =
  'A script that is called with `restart` when the portal does not recover by itself, every 5 min at the most.';
