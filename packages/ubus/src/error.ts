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
export const statusNames = [
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
export type StatusName = Exclude<(typeof statusNames)[number], 'ok'>;

/** A call that failed, here or at the other end. */
export class UbusError extends Error {
  readonly code: StatusName;
  /** The number of the status on the wire. */
  readonly status: number;

  constructor(code: StatusName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UbusError';
    this.code = code;
    this.status = statusNames.indexOf(code);
  }

  /** The error for a status other than 0; numbers that are not known are `unknown_error`. */
  static of(status: number, what: string): UbusError {
    const name = statusNames[status];
    const code = name === undefined || name === 'ok' ? 'unknown_error' : name;
    return new UbusError(code, `${what}: ${code.replaceAll('_', ' ')}`);
  }
}
