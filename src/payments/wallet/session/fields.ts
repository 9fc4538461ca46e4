import { accountOf, fieldsOf, signatureOf, uintOf, wordOf } from '../fields.js';
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
    this.#path = path;
    this.#members = this.#demand(fieldsOf(value), '', 'a table');
  }

  inner(name: string): Fields {
    return new Fields(this.#members[name], `${this.#path}.${name}`);
  }

  /** A number from 0 on. */
  uint(name: string): bigint {
    return this.#demand(uintOf(this.#members[name]), name, 'a decimal number');
  }

  /** An account, in lower case. */
  account(name: string): Address {
    return this.#demand(accountOf(this.#members[name]), name, 'an account');
  }

  /** 32 bytes, in lower case. */
  word(name: string): Hex {
    return this.#demand(wordOf(this.#members[name]), name, '32 bytes in hexadecimal digits');
  }

  /** 65 bytes of a key, in lower case. */
  signature(name: string): Hex {
    return this.#demand(signatureOf(this.#members[name]), name, '65 bytes in hexadecimal digits');
  }

  text(name: string): string {
    const value = this.#members[name];
    const isText = typeof value === 'string' && value.length <= 100;
    return this.#demand(isText ? value : undefined, name, 'a text');
  }

  #demand<T>(value: T | undefined, name: string, what: string): T {
    if (value !== undefined) return value;
    const path = name === '' ? this.#path : `${this.#path}.${name}`;
    throw new PaymentError('bad_payment', `${path} must be ${what}`);
  }
}
