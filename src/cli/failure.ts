import { type SystemError, systemErrorOf, systemWords } from '../system-error.js';

/** The one error of this folder; `message` is one line that says what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** `usage`: something on the command line is wrong; `unread`: whoever read the output has gone. */
  readonly code: 'usage' | 'failed' | 'unread';

  constructor(code: CommandError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `unread` as a shell shows a program that SIGPIPE ended: 128 + 13. */
const exitCodes: Readonly<Record<CommandError['code'], number>> = { usage: 2, failed: 1, unread: 141 };

export function exitCodeOf(cause: unknown): number {
  return cause instanceof CommandError ? exitCodes[cause.code] : 1;
}

/** What somebody can do about an error of the operating system, by its code. */
const advice: Readonly<Record<string, string>> = {
  EACCES: 'try it as root, or as the user who owns it',
  EPERM: 'try it as root, or as the user who owns it',
  EROFS: 'name a place that can be written',
  ENOSPC: 'make room first',
  EADDRINUSE: 'something else listens there; is it running already?',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ECONNREFUSED: 'nothing listens there; is it running?',
  ENOTFOUND: 'no such host is known; check its name and the name server',
};

/** Errors of the language itself: nobody's typing, files or machine bring them about. */
const defects = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError];

/** One line that says what failed and what to do; undefined for a defect of turnpike, whose stack is needed. */
export function explain(cause: unknown): string | undefined {
  if (defects.some((defect) => cause instanceof defect)) return undefined;
  if (cause instanceof CommandError) return oneLine(cause.message);
  const system = systemErrorOf(cause) ?? systemErrorOf((cause as Error | undefined)?.cause);
  const text = system ? withWords(cause as Error, system) : textOf(cause);
  const what = system && advice[system.code];
  return oneLine(what === undefined ? text : `${text}; ${what}`);
}

/** The message of an error, with the operating system's words in the place of Node's. */
function withWords(cause: Error, system: SystemError): string {
  const words = systemWords(system);
  if (systemErrorOf(cause) === system) return placeOf(system) + words;
  const { message } = cause;
  return message.includes(system.message) ? message.replace(system.message, words) : `${message}: ${words}`;
}

function placeOf({ path, address, port, hostname }: SystemError): string {
  const host = address ?? hostname;
  if (host !== undefined) return `${host}${port === undefined ? '' : ` port ${port}`}: `;
  return path === undefined ? '' : `${path}: `;
}

function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text === '' ? 'it failed, and nothing says why' : text;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
