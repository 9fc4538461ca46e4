import { version } from '../version.js';
import type { Command, Option, Options } from './command.js';
import { helpOption } from './parse.js';

/** What turnpike is and what it can be told to do. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  rows.push(['help', 'says this, or more about one command'], ['version', 'prints the version']);
  return `turnpike ${version}: sells WiFi by the megabyte and by the minute

  turnpike COMMAND [OPTION...] [ARGUMENT...]

${columns(rows)}
'turnpike help COMMAND' and 'turnpike COMMAND --help' say more about one of them.
`;
}

/** All about one command. */
export function helpOf({ name, summary, args, options, details }: Command): string {
  const rows = Object.entries({ ...options, ...helpOption } satisfies Options).map(rowOf);
  return `turnpike ${name}: ${summary}

  ${usageOf(name, args)}

${columns(rows)}${details === undefined ? '' : `\n${details.trim()}\n`}`;
}

function usageOf(name: string, args: readonly string[]): string {
  return ['turnpike', name, '[OPTION...]', ...args].join(' ');
}

function rowOf([name, option]: [string, Option]): readonly [string, string] {
  const { value, short, says, default: usual } = option;
  const names = `${short === undefined ? '' : `-${short}, `}--${name}`;
  const otherwise = usual === undefined ? '' : ` (default: ${usual})`;
  return [value === undefined ? names : `${names} ${value}`, says + otherwise];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
