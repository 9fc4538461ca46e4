import { find } from './find.js';
import type { Method } from './method.js';
import { reply } from './reply.js';
import { viewSession } from './view.js';

/** What is left of a session goes to another device. */
export const carrying: Readonly<Record<string, Method>> = {
  carry: {
    args: { id: 'string', mac: 'string', code: 'string' },
    async run(args, service) {
      const code = args.string('code');
      if (code !== undefined) return reply(await service.carry(code, args.mac()), viewSession);
      const made = await service.carryCode(find(args, service).id);
      return reply(made, ({ session, until, ...one }) => ({
        id: session.id,
        ...one,
        valid_until: Math.floor(until / 1000),
      }));
    },
  },
};
