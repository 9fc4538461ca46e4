/** Bytes that are no ubus message, or a value that ubus cannot carry. */
export class WireError extends Error {
  readonly code: 'truncated' | 'too_large' | 'too_deep' | 'malformed' | 'unsupported';

  constructor(code: WireError['code'], message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}

/** Status codes of ubus by their number (ubusmsg.h, `enum ubus_msg_status`). */
const statusNames = [
  'ok',
  'invalid_command',
  'invalid_argument',
  'method_not_found',
  'not_found',
  'no_data',
  'permission_denied',
  'timeout',
  'not_supported',
  'unknown_error',
  'connection_failed',
  'no_memory',
  'parse_error',
  'system_error',
] as const;

/** What went wrong, in ubus's own words. */
export type UbusCode = Exclude<(typeof statusNames)[number], 'ok'>;

/** Who said so: this client, ubusd, or the object that was called. */
export type UbusOrigin = 'client' | 'ubusd' | 'object';

/** What an error carries besides its code and its text. */
export interface UbusErrorOptions extends ErrorOptions {
  /** The number on the wire. @default that of the code */
  readonly status?: number;
  /** @default 'client' */
  readonly origin?: UbusOrigin;
}

/**
 * The one error of this package. A handler of a published method throws it to answer with its status.
 *
 * What `code` means where `origin` is `client`: `timeout`, nobody answered in time; `connection_failed`, there is no
 * connection, or it ended before the answer: whether a call was carried out is then not known; `invalid_argument`, ubus
 * cannot carry what was given; `parse_error`, the answer is no ubus message; `no_memory`, 65,535 requests are waiting.
 */
export class UbusError extends Error {
  readonly code: UbusCode;
  /** The number of the status on the wire; objects may have numbers of their own, which are `unknown_error`. */
  readonly status: number;
  readonly origin: UbusOrigin;

  constructor(code: UbusCode, message: string, options: UbusErrorOptions = {}) {
    super(message, options);
    this.name = 'UbusError';
    this.code = code;
    this.status = options.status ?? statusNames.indexOf(code);
    this.origin = options.origin ?? 'client';
  }
}

/** The error for a status other than 0 that came from `origin` as the answer to `what`. */
export function refused(status: number, what: string, origin: UbusOrigin): UbusError {
  const name = statusNames[status];
  const code = name === undefined || name === 'ok' ? 'unknown_error' : name;
  const text = name === undefined ? `status ${status}` : code.replaceAll('_', ' ');
  return new UbusError(code, `${what}: ${text}`, { status, origin });
}

/**
 * True for an error from ubusd, or one that a repeat would not mend; any other is of the connection, and the next
 * connection may do better.
 */
export function isRefusal(cause: unknown): boolean {
  if (!(cause instanceof UbusError) || cause.origin !== 'client') return true;
  return cause.code !== 'connection_failed' && cause.code !== 'timeout';
}

/** Runs what encodes a user's values. @throws {@link UbusError} `invalid_argument` for what ubus cannot carry. */
export function encoding<T>(what: string, encode: () => T): T {
  try {
    return encode();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new UbusError('invalid_argument', `${what}: ${cause.message}`, { cause });
  }
}
