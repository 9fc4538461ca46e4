import { type Mac, parseMac } from '../domain/mac.js';

/** Why a call was refused; `code` is stable. */
export class BadArgument extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'BadArgument';
    this.code = code;
  }
}

/** Types of arguments: what `ubus -v list` shows. ubus sends any whole number as int32 or int64, as it fits. */
export type ArgumentType = 'string' | 'integer' | 'table' | 'boolean';

/** Argument names and their types. */
export type Signature = Readonly<Record<string, ArgumentType>>;

/** Added by rpcd to every call: accepted, ignored, never logged. */
export const ignored = 'ubus_rpc_session';

const longestString = 256;
const key = /^[\x21-\x7e]{1,128}$/;
const name = /^[A-Za-z0-9._@:+-]{1,64}$/;
/** As long as RADIUS lets the name of a user be (RFC 2865 §5.1). */
const user = /^[^\p{Cc}\p{Cs}]{1,253}$/u;
const line = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

/** The arguments of one call, checked one by one as they are asked for, before anything is done. */
export class Arguments {
  readonly #given: Readonly<Record<string, unknown>>;

  /** @throws {@link BadArgument} `bad_argument` for a name that the method does not know, or a wrong type. */
  constructor(given: Readonly<Record<string, unknown>>, signature: Signature) {
    this.#given = given;
    for (const [argument, value] of Object.entries(given)) {
      if (argument === ignored) continue;
      if (!Object.hasOwn(signature, argument)) throw bad(`unknown argument '${argument.slice(0, 64)}'`);
      if (!hasType(value, signature[argument]!)) throw bad(`${argument} must be a ${signature[argument]}`);
    }
  }

  has(argument: string): boolean {
    return Object.hasOwn(this.#given, argument);
  }

  /** @throws {@link BadArgument} `bad_mac` */
  mac(argument = 'mac'): Mac {
    const mac = parseMac(this.#given[argument]);
    if (!mac) throw new BadArgument('bad_mac', `${argument} must be a unicast MAC address`);
    return mac;
  }

  /** @throws {@link BadArgument} `bad_key`: the key is missing, empty, too long or not printable ASCII. */
  key(): string {
    return this.#match(
      'idempotency_key',
      key,
      'bad_key',
      '1 to 128 printable ASCII characters without spaces',
    );
  }

  optionalKey(): string | undefined {
    return this.has('idempotency_key') ? this.key() : undefined;
  }

  /** The name of a user, as a directory has it: any line of text. */
  user(): string {
    return this.#match('user', user, 'bad_argument', '1 to 253 characters on one line');
  }

  /** A name as in the configuration. */
  name(argument: string): string {
    return this.#match(argument, name, 'bad_argument', '1 to 64 of letters, digits and ._@:+-');
  }

  optionalName(argument: string): string | undefined {
    return this.has(argument) ? this.name(argument) : undefined;
  }

  /** One line of text for people. */
  line(argument: string): string {
    return this.#match(argument, line, 'bad_argument', '1 to 128 characters on one line');
  }

  string(argument: string, longest = longestString): string | undefined {
    const value = this.#given[argument];
    if (typeof value === 'string' && value.length > longest) throw bad(`${argument} is too long`);
    return value as string | undefined;
  }

  /** A whole number from `min` to `max`. */
  whole(argument: string, min: number, max: number, code = 'bad_argument'): number | undefined {
    const value = this.#given[argument];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw new BadArgument(code, `${argument} must be ${min} to ${max}`);
  }

  flag(argument: string, otherwise: boolean): boolean {
    return (this.#given[argument] as boolean | undefined) ?? otherwise;
  }

  table(argument: string): Readonly<Record<string, unknown>> {
    const value = this.#given[argument];
    if (value === undefined) throw bad(`${argument} is missing`);
    return value as Readonly<Record<string, unknown>>;
  }

  #match(argument: string, form: RegExp, code: string, says: string): string {
    const value = this.#given[argument];
    if (typeof value === 'string' && form.test(value)) return value;
    throw new BadArgument(code, `${argument} must be ${says}`);
  }
}

function hasType(value: unknown, type: ArgumentType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      // A bigint is an integer beyond 2^53: of the right type, and refused by its range.
      return Number.isInteger(value) || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    case 'table':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function bad(message: string): BadArgument {
  return new BadArgument('bad_argument', message);
}
