import type { PaymentMethod } from '../ports/payment-method.js';
import type { Fault } from './fault.js';
import { type Found, nameInCode, type Option, type Options, readOptions, type Values } from './option.js';
import type { SectionReader } from './reader.js';

/** What prices are held against: a payment method and the decimals of its currencies. */
export type Till = Pick<PaymentMethod, 'name' | 'currencies'>;

/** A type of section in the configuration file: its options, and how it becomes the configuration of its member. */
export interface Section<C = unknown> {
  /** The word behind `config`. */
  readonly type: string;
  /** What stands behind the type where there is one section of it; absent where each one has a name of its own. */
  readonly name?: string;
  /** What it is for, to owners. */
  readonly about: string;
  /** The option `enabled` is the first one, where there is one. */
  readonly options: Options;
  /** Options that stand in the file of the secrets, in the section `secret` of the same name. */
  readonly secrets: Options;
  /** Kinds of the section, each with a table of its own; see `variants.ts`. */
  readonly members?: Readonly<Record<string, Section<C>>>;
  /**
   * @param secrets the section of the secrets; absent when there is none of its name
   * @returns undefined when the section is switched off, or cannot be made out
   */
  read(reader: SectionReader, secrets: SectionReader | undefined): C | undefined;
  /** Payment methods that the section adds, with their currencies. */
  tills?(config: C): readonly Till[];
  /** Plans that its options name, by the options; each must be in the file. */
  plans?(config: C): Readonly<Record<string, string | undefined>>;
}

/** The configuration that a section makes. */
export type ConfigOf<S> = S extends Section<infer C> ? C : never;

/** Where a section's `check` says what is wrong. */
export interface Faults {
  /** Reports a fault of the section, or of one of its options by its name in the file. */
  fault(code: Fault['code'], message: string, option?: string): void;
  /** Reports that an option, or a secret, must be there. */
  demand(option: string): void;
}

/** A section as its member writes it down. `O`: its options, `S`: its secrets, `C`: what is made of them. */
interface Definition<O extends Options, S extends Options, C> {
  readonly type: string;
  readonly name?: string;
  readonly about: string;
  /** The switch of the section; absent where it is always on. */
  readonly enabled?: Option<boolean, 'always'>;
  readonly options: O;
  readonly secrets?: S;
  /** Reports options that do not fit together. Called for a section that is switched on. */
  check?(found: Found<O & S>, faults: Faults): void;
  /** Makes the configuration; the values as they are where this is absent. @param name of the section */
  make?(values: Values<O & S>, name: string): C;
  tills?(config: C): readonly Till[];
  plans?(config: C): Readonly<Record<string, string | undefined>>;
}

const identifier = /^[A-Za-z0-9_]{1,32}$/;

/** Makes a section of its table. Types of values follow from the table. */
export function section<O extends Options, S extends Options = Record<never, never>, C = Values<O & S>>(
  definition: Definition<O, S, C>,
): Section<C> {
  const { type, name, about, enabled, tills, plans, options: own } = definition;
  const options: Options = { ...(enabled && { enabled }), ...own };
  const secrets: Options = definition.secrets ?? {};
  return Object.freeze({
    ...{ type, about },
    ...(name !== undefined && { name }),
    ...(tills && { tills }),
    ...(plans && { plans }),
    options: Object.freeze(options),
    secrets: Object.freeze(secrets),
    read(reader: SectionReader, secret: SectionReader | undefined): C | undefined {
      if (name === undefined) checkName(reader);
      for (const one of Object.keys(secrets)) {
        reader.refuse(one, `is a secret: it goes into the file of the secrets, ${placeOf(reader, one)}`);
      }
      const isOn = enabled?.read(reader, 'enabled') ?? true;
      const found = { ...readOptions(own, reader), ...(secret && readOptions(secrets, secret)) };
      if (!isOn) return undefined;
      return made(definition, found, reader.name, faultsOf(reader, secret, secrets));
    },
  });
}

/** @param found by names in code; of the types that the table says */
function made<O extends Options, S extends Options, C>(
  { options, secrets, check, make }: Definition<O, S, C>,
  found: object,
  name: string,
  faults: Faults,
): C | undefined {
  const needed = Object.entries({ ...options, ...secrets }).filter(([, one]) => one.presence === 'needed');
  for (const [one] of needed) faults.demand(one);
  check?.(found as Found<O & S>, faults);
  if (needed.some(([one]) => !(nameInCode(one) in found))) return undefined;
  return make ? make(found as Values<O & S>, name) : (found as C);
}

function faultsOf(reader: SectionReader, secret: SectionReader | undefined, secrets: Options): Faults {
  return {
    fault: (code, message, option) => reader.fault(code, message, option),
    demand(option) {
      if (!(option in secrets)) {
        if (!reader.has(option)) reader.fault('missing', `${option} is missing`, option);
      } else if (!secret?.has(option)) {
        const place = placeOf(reader, option);
        reader.fault('missing', `its ${option} is missing in the file of the secrets: ${place}`, option);
      }
    },
  };
}

/** Where a secret of a section belongs, in words. */
function placeOf({ name }: SectionReader, option: string): string {
  return `config secret '${name}', option ${option}`;
}

function checkName(reader: SectionReader): void {
  if (identifier.test(reader.name)) return;
  reader.fault('missing', 'needs a name of 1 to 32 letters, digits and _');
}
