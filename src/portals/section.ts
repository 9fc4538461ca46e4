import { choice, flag, path, span, text, whole } from '../config/kind.js';
import { list, option } from '../config/option.js';
import type { Faults } from '../config/section.js';
import type { Millis } from '../domain/units.js';

/** The switch of a section `gateway`. */
export const enabled = option(flag, { default: '1', help: '0: turnpike leaves this portal alone.' });

/** A network interface as the kernel names it. */
export const device = text(/^[A-Za-z0-9_.@-]{1,15}$/, 'the name of a network interface such as br-lan');

/** What the sections of all portals have. */
export const common = {
  interface: list(device, {
    absent: 'the one that the portal serves',
    examples: ['br-lan'],
    key: (name) => name,
    help: "The network interfaces of this portal's customers. Nothing is forwarded there for a device without a session, whatever the portal does.",
  }),
  exclusive: option(flag, {
    default: '1',
    help: '1: a device without a session is shut out. 0: others may open gates of this portal, too.',
  }),
  double_mac: option(
    choice({
      report: 'say so in the log and count it in `status`',
      suspend: 'suspend the session for 5 min',
      close: 'end the session',
    }),
    {
      default: 'report',
      help: 'What is done when two devices use one MAC address at the same time; one of them may have stolen it.',
    },
  ),
  poll_min: option(span('50ms', '60s'), {
    default: '250ms',
    help: 'The shortest time between two polls of the portal. It is polled this often while a customer is near a cap.',
  }),
  poll_max: option(span('100ms', '600s'), {
    default: '10s',
    help: 'The longest time between two polls, while nobody is near a cap.',
  }),
  poll_share: option(whole(1, 90), {
    default: '25',
    help: "The largest share of the portal's time that polls may take, in percent.",
  }),
};

/** The portal's own configuration. */
export function portalConfig(file: string) {
  return option(path, {
    default: file,
    help: "The portal's own configuration. Its interface, trusted devices and open destinations are taken over from it.",
    notInLuci: 'the portal has it at one place',
  });
}

/** Reports waits that contradict each other. */
export function checkPolls(
  { pollMin, pollMax }: { readonly pollMin: Millis; readonly pollMax: Millis },
  faults: Faults,
): void {
  if (pollMin > pollMax) faults.fault('conflict', 'poll_min is longer than poll_max', 'poll_min');
}
