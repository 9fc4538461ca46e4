import { parseArgs } from 'node:util';
import { nearest } from '../config/fault.js';
import { type Command, type Given, type Option, type Options, usage } from './command.js';

/** Every command has it. */
export const helpOption = { help: { short: 'h', says: 'shows this text' } } as const satisfies Options;

/**
 * Reads what follows a command's name.
 * @returns undefined when its help is asked for
 * @throws {@link CommandError} `usage`
 */
export function parse(command: Command, argv: readonly string[]): Given | undefined {
  const known: Options = { ...command.options, ...helpOption };
  const values: Record<string, string | boolean> = {};
  const args: string[] = [];
  for (const token of tokensOf(known, argv)) {
    if (token.kind === 'positional') args.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    if (!Object.hasOwn(known, name)) throw unknownOption(argv[token.index]!, rawName, known);
    values[name] = readValue(known[name]!, token);
  }
  if (values.help) return undefined;
  checkCount(command, args);
  const otherwise = Object.entries(command.options).map(([name, { value, default: usual }]) => {
    return [name, value === undefined ? false : usual] as const;
  });
  return { args, options: { ...Object.fromEntries(otherwise), ...values } as Given['options'] };
}

/** `parseArgs` is not strict here, for its own messages name neither what is meant nor what to do. */
function tokensOf(known: Options, argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, short }]) => {
      const type: 'boolean' | 'string' = value === undefined ? 'boolean' : 'string';
      return [name, { type, ...(short !== undefined && { short }) }];
    }),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { kind: 'option' }>;

function readValue(option: Option, { rawName, value, inlineValue }: OptionToken) {
  const { value: placeholder, mayBeEmpty = false } = option;
  if (placeholder === undefined) {
    if (value !== undefined) throw usage(`${rawName} takes no value`);
    return true;
  }
  // What follows is the next option: its value was forgotten.
  const isOption = value?.startsWith('-') && value.length > 1 && !inlineValue;
  if (value === undefined || isOption || (value === '' && !mayBeEmpty)) {
    const hint = isOption ? `; for a value that begins with a dash, ${rawName}=${value}` : '';
    throw usage(`${rawName} needs a value: ${rawName} ${placeholder}${hint}`);
  }
  return value;
}

function unknownOption(typed: string, rawName: string, known: Options) {
  const word = typed.replace(/=.*/s, '');
  const meant = nearest(word, namesOf(known));
  // A letter in a cluster such as `-abc` is named by itself.
  const name = word.startsWith('--') || meant !== undefined ? word : rawName;
  return usage(`there is no option ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

function namesOf(known: Options): string[] {
  return Object.keys(known).map((name) => `--${name}`);
}

function checkCount({ args: wanted, options }: Command, given: readonly string[]): void {
  const needed = wanted.filter((name) => !name.startsWith('['));
  const empty = given.indexOf('');
  const missing = needed[given.length] ?? wanted[empty];
  if (missing !== undefined) throw usage(`${missing.replace('...', '')} is missing`);
  const takesMore = wanted.at(-1)?.endsWith('...') ?? false;
  const extra = given[wanted.length];
  if (extra === undefined || takesMore) return;
  const hint = Object.hasOwn(options, 'config') ? `; did you mean --config ${extra}?` : '';
  throw usage(`'${extra}' is one argument too many${hint}`);
}
