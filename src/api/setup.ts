import { BadArgument } from './arguments.js';
import type { Method } from './method.js';
import { reply } from './reply.js';

/** Sets up what stands beside turnpike. */
export const setup: Readonly<Record<string, Method>> = {
  setup: {
    args: {
      target: 'string',
      apply: 'boolean',
      undo: 'boolean',
      restart: 'boolean',
      interface: 'string',
      allow_mac: 'string',
    },
    async run(args, service) {
      const [apply, undo] = [args.flag('apply', false), args.flag('undo', false)];
      if (apply && undo) throw new BadArgument('bad_argument', 'apply and undo exclude each other');
      const act = apply ? 'apply' : undo ? 'undo' : 'look';
      const [where, device] = [args.string('interface'), args.string('allow_mac')];
      const wish = {
        ...(where !== undefined && { interface: where }),
        ...(device !== undefined && { allowMac: device }),
      };
      const order = { target: args.name('target'), act, restart: args.flag('restart', false), wish } as const;
      return reply(await service.setup(order), ({ changes, kept, done }) => ({
        ...{ target: order.target, done, kept: [...kept] },
        changes: changes.map((change) => ({ ...change })),
      }));
    },
  },
};
