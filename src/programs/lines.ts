/** A program with its arguments and what it reads. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** What it reads on its standard input: text without NUL. @default nothing */
  readonly script?: string | undefined;
  /** It is killed when it prints more, in bytes. */
  readonly mostBytes: number;
  /** It is killed after this long, in ms. */
  readonly limitMs: number;
  /** Told of its process. */
  readonly started?: ((pid: number) => void) | undefined;
}

/**
 * A command in the language of a shell, and behind it what the program reads. It is one line, so that nothing of it runs
 * before all of it has come: whoever sees that a program runs is told its number.
 *
 * The program is in the background, for only there it has a number, and does not hear the shell's own stream. What is more
 * than a pipe takes is written by a copy of the shell, which is the shell's child and not the program's: nobody else would
 * collect it.
 * @param token that no program and no script has
 */
export function linesOf({ file, args, script }: Command, token: string): string {
  const words = [file, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const sign = `echo ${token} $s`;
  const told = `wait $!; s=$?; ${sign}; ${sign} >&2; echo status $s >&3\n`;
  if (!script) return `${words} </dev/null 3>&- & echo pid $! >&3; ${told}`;
  const run = `exec 4<<'${token}'; ${words} <&4 4<&- 3>&- & echo pid $! >&3; exec 4<&-; ${told}`;
  return `${run}${script}${script.endsWith('\n') ? '' : '\n'}${token}\n`;
}
