import type { ListedObject } from 'openwrt-ubus';
import { busOptions, withBus } from './bus.js';
import { command } from './command.js';
import { CommandError } from './failure.js';
import { print } from './output.js';

/** Prints the objects on ubus, as `ubus list` and `ubus -v list` do, but with a word for every type. */
export const list = command({
  name: 'list',
  summary: 'lists the objects on ubus',
  args: ['[PATH]'],
  options: {
    verbose: { short: 'v', says: 'their numbers, too, and their methods with the types of the arguments' },
    ...busOptions,
  },
  details: `
PATH is one object, or with a final * those whose names begin so; all of them without it.`,
  run: ({ options, args: [path] }) =>
    withBus(options, async (client) => {
      const found = await client.list(path);
      if (path !== undefined && found.length === 0) {
        throw new CommandError('failed', `there is no object ${path} on ubus`);
      }
      await print(textOf(found, options.verbose));
      return 0;
    }),
});

function textOf(objects: readonly ListedObject[], verbose: boolean): string {
  const sorted = objects.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.flatMap((object) => (verbose ? describe(object) : `${object.path}\n`)).join('');
}

/** In the format of `ubus -v list` (cli.c, `receive_list_result`). */
function describe({ path, id, methods }: ListedObject): string[] {
  const lines = Object.entries(methods).map(
    ([name, args]) => `\t${JSON.stringify(name)}:${JSON.stringify(args)}\n`,
  );
  return [`'${path}' @${id.toString(16).padStart(8, '0')}\n`, ...lines];
}
