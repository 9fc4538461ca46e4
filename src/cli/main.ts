import { nearest } from '../config/fault.js';
import { version } from '../version.js';
import type { Command } from './command.js';
import { commands } from './commands.js';
import { CommandError, exitCodeOf, explain } from './failure.js';
import { helpOf, overview } from './help.js';
import { complain, print } from './output.js';
import { parse } from './parse.js';

/** Does what the command line says, and says in one line what does not work. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const one = commands.find((command) => command.name === name);
  try {
    return one ? await start(one, rest) : await startBuiltIn(name, rest);
  } catch (cause) {
    sayWhy(cause, one?.name);
    return exitCodeOf(cause);
  }
}

async function start(one: Command, argv: readonly string[]): Promise<number> {
  const given = parse(one, argv);
  if (given) return one.run(given);
  await print(helpOf(one));
  return 0;
}

/** What has no file of its own. */
async function startBuiltIn(name: string | undefined, rest: readonly string[]): Promise<number> {
  switch (name) {
    case undefined:
      process.stderr.write(overview(commands));
      return 2;
    case 'help':
    case '--help':
    case '-h':
      await print(helpOn(rest[0]));
      return 0;
    case 'version':
    case '--version':
      await print(`${version}\n`);
      return 0;
    default:
      throw new CommandError('usage', await unknown(name));
  }
}

function helpOn(name: string | undefined): string {
  if (name === undefined || builtIn.includes(name)) return overview(commands);
  const one = commands.find((command) => command.name === name);
  if (one) return helpOf(one);
  throw new CommandError('usage', `there is no command '${name}'${hintFor(name)}`);
}

const builtIn = ['help', 'version'];
/** What the service does, and not the program. */
const ofService = ['start', 'stop', 'restart', 'enable', 'disable'];

async function unknown(name: string): Promise<string> {
  if (name.startsWith('-'))
    return `there is no option ${name} in front of the command; it may belong after it`;
  const { methods } = await import('../api/control.js');
  const method = nearest(name.toLowerCase(), Object.keys(methods));
  const isCommand = commands.some((command) => command.name === method);
  const others = [
    ...(method === undefined || isCommand ? [] : [`turnpike call ${method}`]),
    ...(ofService.includes(name) ? [`/etc/init.d/turnpike ${name}`] : []),
  ];
  return `there is no command '${name}'${hintFor(name, others)}`;
}

/** What may have been meant: a command, or one of `others`. */
function hintFor(name: string, others: readonly string[] = []): string {
  const command = nearest(name.toLowerCase(), [...commands.map((one) => one.name), ...builtIn]);
  const meant = [...(command === undefined ? [] : [command]), ...others].map((one) => `'${one}'`);
  return meant.length === 0 ? '' : `; did you mean ${meant.join(' or ')}?`;
}

function sayWhy(cause: unknown, command: string | undefined): void {
  if (cause instanceof CommandError && cause.code === 'unread') return;
  const who = command === undefined ? 'turnpike' : `turnpike ${command}`;
  const why = explain(cause) ?? `a defect of turnpike, please report it: ${(cause as Error).stack}`;
  const isUsage = cause instanceof CommandError && cause.code === 'usage';
  const more = isUsage ? `; see '${who.replace('turnpike', 'turnpike help')}'` : '';
  complain(`${who}: ${why}${more}`);
}
