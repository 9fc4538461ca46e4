import { getSystemErrorMap } from 'node:util';

/** An error of the operating system, as Node.js throws it. */
export interface SystemError extends Error {
  /** `ENOENT` */
  readonly code: string;
  readonly errno: number;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** Whether the operating system said so; an `AggregateError` of several addresses counts as its first one. */
export function systemErrorOf(cause: unknown): SystemError | undefined {
  if (cause instanceof AggregateError) return systemErrorOf(cause.errors[0]);
  const { code, errno } = (cause ?? {}) as Partial<SystemError>;
  return typeof code === 'string' && typeof errno === 'number' ? (cause as SystemError) : undefined;
}

/** What the operating system said, in its words: `permission denied`. Node's own message has the call's name in it. */
export function systemWords(error: SystemError): string {
  const all = getSystemErrorMap();
  // Bun's sockets have the number without its sign, or none.
  const named = all.get(error.errno) ?? [...all.values()].find(([name]) => name === error.code);
  return named?.[1] ?? error.message;
}

/** Throws why a server does not listen, with the place: the errors of Bun's HTTP servers have none. */
export function notListening(cause: unknown, at: { readonly host: string; readonly port: number }): never {
  const { syscall, address } = cause as NodeJS.ErrnoException & Partial<SystemError>;
  if (syscall !== 'listen' || address !== undefined) throw cause;
  throw Object.assign(cause as Error, { address: at.host, port: at.port });
}

/** Why something failed, for people: the words of the operating system, or the error's own. */
export function reasonOf(cause: unknown): string {
  const system = systemErrorOf(cause);
  if (system) return systemWords(system);
  return cause instanceof Error ? cause.message : String(cause);
}
