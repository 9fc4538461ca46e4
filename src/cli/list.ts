import { parseArgs } from 'node:util';
import { type ListedObject, UbusClient, UbusError } from 'openwrt-ubus';

const usage = `turnpike list [-v] [PATH] [--socket FILE]

Prints the objects on ubus: all, the one named PATH, or with a final * those whose names begin so.
  -v, --verbose  their numbers, too, and their methods with the types of the arguments
`;

const options = {
  verbose: { type: 'boolean', short: 'v', default: false },
  socket: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Prints the objects on ubus, as `ubus list` and `ubus -v list` do, but with a word for every type.
 *
 * `socket`: where ubusd listens, if `args` do not say it.
 * @returns the exit code: 0, 2 for wrong arguments, or the number of the ubus status
 */
export async function listCommand(args: string[], socket: string | undefined): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [path, ...more] = positionals;
  if (values.help) return print(usage);
  if (more.length > 0) return complain(`one PATH at most, not ${positionals.length}\n\n${usage}`, 2);
  const client = new UbusClient({ socket: values.socket ?? socket });
  try {
    await client.connect();
    const found = await client.list(path);
    if (path !== undefined && found.length === 0)
      throw new UbusError('not_found', `there is no object ${path}`);
    return await print(textOf(found, values.verbose));
  } catch (cause) {
    if (!(cause instanceof UbusError)) throw cause;
    return complain(cause.message, cause.status);
  } finally {
    await client.close();
  }
}

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

/** Resolves when it is written: a process that exits before loses what a pipe had no room for. */
function print(text: string): Promise<number> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(0)));
}

function complain(text: string, code: number): number {
  process.stderr.write(`turnpike list: ${text.trimEnd()}\n`);
  return code;
}
