export type NdsctlErrorCode = 'absent' | 'refused' | 'busy' | 'timeout' | 'aborted' | 'failed';

/** The portal could not be asked, or did not answer. */
export class NdsctlError extends Error {
  /**
   * `absent`: no socket or command; `refused`: a socket that nobody listens on; `busy`: it serves somebody, us or
   * others, for longer than we wait; `timeout`: no whole reply in time; `failed`: anything else.
   */
  readonly code: NdsctlErrorCode;

  constructor(code: NdsctlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NdsctlError';
    this.code = code;
  }
}
