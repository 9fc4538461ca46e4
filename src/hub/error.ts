/** Codes of the hub's replies and their HTTP status. */
export const codes = {
  bad_request: 400,
  hook_unsigned: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  key_conflict: 409,
  body_too_large: 413,
  not_served: 422,
  rate_limited: 429,
  internal: 500,
} as const;
export type Code = keyof typeof codes;

/** A request that is refused: a reply with the code's status and `{ error, message }`. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** As `@fastify/rate-limit` and Fastify look for it. */
  get statusCode(): number {
    return codes[this.code];
  }
}
