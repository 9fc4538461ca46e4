import { CommandError } from './failure.js';

/** An option with a value, or a flag. */
export interface Option {
  /** What the value is called in the help, `FILE`; a flag has none. */
  readonly value?: string;
  /** The value of an option that is not given. */
  readonly default?: string;
  /** Whether '' is a value, and not a forgotten one. @default false */
  readonly mayBeEmpty?: boolean;
  /** Its one-letter name. */
  readonly short?: string;
  /** What it is for, for the help. */
  readonly says: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What stands on the command line, by option: texts, and true for a flag that is given. */
export type Values<O extends Options> = {
  readonly [name in keyof O]: O[name] extends { value: string; default: string }
    ? string
    : O[name] extends { value: string }
      ? string | undefined
      : boolean;
};

/** What a command is started with. */
export interface Given<O extends Options = Options> {
  readonly options: Values<O>;
  /** As many as the command's `args` say. */
  readonly args: readonly string[];
}

/** A command of `turnpike`: a file in this folder, and a line in `commands.ts`. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What it does: one line, for the list of all commands. */
  readonly summary: string;
  /** Names of its arguments, `[NAME]` for one that may be left out, `NAME...` at the end for one or more. */
  readonly args: readonly string[];
  readonly options: O;
  /** More for its help: what it prints, examples. */
  readonly details?: string;
  /** @returns the exit code. @throws {@link CommandError} what is said in one line */
  run(given: Given<O>): Promise<number>;
}

/** Ties the types of a command's options to what its `run` is given. */
export function command<const O extends Options>(one: Command<O>): Command {
  return one as unknown as Command;
}

/** Something on the command line is wrong; `message` says what, and what it must be. */
export function usage(message: string): CommandError {
  return new CommandError('usage', message);
}
