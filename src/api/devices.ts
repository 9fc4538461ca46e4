import type { Mac } from '../domain/mac.js';
import { isDone } from '../domain/session.js';
import { type Arguments, BadArgument } from './arguments.js';
import type { Method } from './method.js';
import type { Service } from './service.js';
import type { View } from './view.js';

/** Methods by which a cashier knows whose device it is. */
export const devices: Readonly<Record<string, Method>> = {
  till: {
    args: { mac: 'string' },
    run(args, service) {
      const mac = args.mac();
      const { code, lives } = service.tillCode(mac);
      return { mac, code, valid_seconds: Math.floor(lives / 1000) };
    },
  },
  find: {
    args: { what: 'string' },
    run: (args, service) => ({ devices: service.find(said(args)).map((mac) => viewDevice(mac, service)) }),
  },
};

function said(args: Arguments): string {
  const what = args.string('what')?.trim() ?? '';
  if (what === '')
    throw new BadArgument('bad_argument', 'what is missing: a code, a MAC, a name or a session');
  return what;
}

/** What a device calls itself, for those who list devices. */
export function viewName(mac: Mac, service: Service): View {
  const name = service.deviceName?.(mac);
  return name === undefined ? {} : { name };
}

function viewDevice(mac: Mac, service: Service): View {
  const code = service.knownTillCode(mac);
  const session = service.sessionOfMac(mac);
  return {
    mac,
    ...(code !== undefined && { code }),
    ...(session && !isDone(session) && { session: session.id, state: session.state }),
    ...(session?.user !== undefined && { user: session.user }),
    ...viewName(mac, service),
  };
}
