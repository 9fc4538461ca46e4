/** Bytes that are no RADIUS packet, or a value that RADIUS cannot carry. Never tells a secret or a value. */
export class RadiusError extends Error {
  /**
   * Bytes: `truncated` (ends before its own length), `bad_length` (a length that its kind cannot have),
   * `bad_vendor` (a vendor attribute that is none).
   * Values: `unknown` (no such attribute), `bad_value`, `too_long`.
   */
  readonly code: 'truncated' | 'bad_length' | 'bad_vendor' | 'unknown' | 'bad_value' | 'too_long';

  constructor(code: RadiusError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RadiusError';
    this.code = code;
  }
}
