import type { Address, Hex } from '../typed-data.js';

/** A payment that is not taken. `code` is stable; the message holds nothing of what was in the payment. */
export class PaymentError extends Error {
  override readonly name = 'PaymentError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The members of an object that somebody sent, read one by one. @throws {@link PaymentError} `bad_payment` */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new PaymentError('bad_payment', `${path} must be a table`);
    this.#members = value as Record<string, unknown>;
    this.#path = path;
  }

  inner(name: string): Fields {
    return new Fields(this.#members[name], `${this.#path}.${name}`);
  }

  /** A number from 0 on: a decimal string, or a JSON number that is a safe integer. */
  uint(name: string): bigint {
    const value = this.#members[name];
    const text = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text !== 'string' || !/^\d{1,77}$/.test(text))
      throw new PaymentError('bad_payment', `${this.#path}.${name} must be a decimal number`);
    return BigInt(text);
  }

  /** An account, in lower case. */
  account(name: string): Address {
    return this.#hex(name, 20, 'an account');
  }

  /** 32 bytes, in lower case. */
  word(name: string): Hex {
    return this.#hex(name, 32, '32 bytes in hexadecimal digits');
  }

  /** 65 bytes of a key, in lower case. */
  signature(name: string): Hex {
    return this.#hex(name, 65, '65 bytes in hexadecimal digits');
  }

  text(name: string): string {
    const value = this.#members[name];
    if (typeof value !== 'string' || value.length > 100)
      throw new PaymentError('bad_payment', `${this.#path}.${name} must be a text`);
    return value;
  }

  #hex(name: string, bytes: number, what: string): Hex {
    const value = this.#members[name];
    if (typeof value !== 'string' || !/^0x[0-9a-f]*$/i.test(value) || value.length !== 2 + 2 * bytes)
      throw new PaymentError('bad_payment', `${this.#path}.${name} must be ${what}`);
    return value.toLowerCase() as Hex;
  }
}
