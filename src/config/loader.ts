import { priceInUnits } from '../domain/money.js';
import type { Plan } from '../domain/plan.js';
import { type Fault, nearest } from './fault.js';
import type { Options } from './option.js';
import { SectionReader } from './reader.js';
import { type Config, inOrder, type Schema, sectionsOf } from './schema.js';
import { Secrets } from './secrets.js';
import type { Section, Till } from './section.js';
import { type FileText, parseUci, type UciSection } from './uci.js';

/** A section of the file that is switched on and can be read. */
interface Read<C> {
  readonly reader: SectionReader;
  readonly config: C;
}

/** Most plans that are offered. */
const mostPlans = 256;

/** Stand for sections that a file does not have. */
const nothing = { line: 0, options: new Map(), lists: new Map() };
const emptyMain: UciSection = { ...nothing, type: 'turnpike', name: 'main' };
const emptyWeb: UciSection = { ...nothing, type: 'web', name: 'web' };

/** What stands in a session as its payment method, and no section is for. */
const ownMethods = ['free', 'grant', 'voucher'];

/** Makes the configuration of a schema from the text of a file. */
export class Loader {
  readonly #sections: ReturnType<typeof sectionsOf>;
  readonly #file: string;
  readonly #faults: Fault[];
  readonly #given: readonly UciSection[];
  readonly #secrets: Secrets | undefined;

  /** @param faults takes in what is wrong */
  constructor(schema: Schema, { text, file }: FileText, secrets: FileText | undefined, faults: Fault[]) {
    const uci = parseUci(text);
    faults.push(...uci.faults.map(({ line, message }) => syntaxFault(file, line, message)));
    this.#sections = sectionsOf(schema);
    this.#file = file;
    this.#faults = faults;
    this.#given = uci.sections;
    this.#secrets = secrets && new Secrets(secrets, faults);
  }

  /** @returns what could be made out: the whole configuration where there are no faults */
  load(): Config {
    const types = inOrder(this.#sections).map(({ type }) => type);
    this.#checkTypes(types);
    this.#checkNames(types);
    const { main, web, gateway, method, hook } = this.#sections;
    // No option of it is needed, so it can always be made out.
    const settings = this.#read(main, this.#only(main) ?? emptyMain)!.config;
    const page = this.#read(web, this.#only(web) ?? emptyWeb)?.config;
    const gateways = this.#all(gateway).map(({ config }) => config);
    const methods = this.#all(method).map(({ config }) => config);
    const hooks = this.#all(hook).flatMap((one) => (this.#isFree(one) ? [one.config] : []));
    const upstreams = this.#upstreams();
    const plans = this.#plans([...methods, ...hooks, ...upstreams.flatMap(({ tills }) => tills)]);
    this.#secrets?.finish(secretTables(this.#sections));
    if (gateways.length === 0) this.#fault(undefined, 'missing', 'there is no gateway that is enabled');
    return {
      ...{ main: settings, ...(page && { web: page }), gateways, plans, methods, hooks },
      upstreams: Object.fromEntries(upstreams.map(({ name, config }) => [name, config])),
    };
  }

  /** A hook is a payment method of its name, so no other may have that. */
  #isFree({ reader, config: { name } }: Read<Till>): boolean {
    const { method, servers } = this.#sections;
    const names = [...Object.keys({ ...method.members, ...servers }), ...ownMethods];
    if (!names.includes(name) && !name.startsWith('x402')) return true;
    reader.fault('conflict', `'${name}' is the name of another way to pay`);
    return false;
  }

  #upstreams(): { name: string; config: object; tills: readonly Till[] }[] {
    return Object.entries(this.#sections.servers).flatMap(([name, section]) => {
      const given = this.#only(section);
      const config = given && this.#read(section, given)?.config;
      return config ? [{ name, config, tills: section.tills?.(config) ?? [] }] : [];
    });
  }

  #plans(tills: readonly Till[]): Plan[] {
    const plans = this.#all(this.#sections.plan);
    for (const { reader, config } of plans) checkPrices(reader, config, tills);
    if (plans.length > mostPlans) {
      this.#fault(undefined, 'conflict', `there are more than ${mostPlans} plans`);
    }
    return plans.map(({ config }) => config);
  }

  #only(section: Section): UciSection | undefined {
    const [first, ...more] = this.#given.filter(({ type }) => type === section.type);
    for (const extra of more) this.#fault(extra, 'duplicate', 'there is one section of this type');
    return first;
  }

  #all<C>(section: Section<C>): Read<C>[] {
    const given = this.#given.filter(({ type }) => type === section.type);
    return given.flatMap((one) => this.#read(section, one) ?? []);
  }

  #read<C>(section: Section<C>, given: UciSection): Read<C> | undefined {
    const reader = new SectionReader(this.#file, given, this.#faults);
    const secrets = Object.keys(section.secrets).length > 0 ? this.#secrets?.of(reader.name) : undefined;
    const config = section.read(reader, secrets);
    reader.finish();
    secrets?.finish();
    return config === undefined ? undefined : { reader, config };
  }

  #checkTypes(types: readonly string[]): void {
    for (const section of this.#given.filter(({ type }) => !types.includes(type))) {
      const meant = nearest(section.type, types);
      const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
      this.#fault(section, 'unknown_section', `there is no section type '${section.type}'${hint}`);
    }
  }

  /** libuci keeps only one section of a name, whatever the type: LuCI would lose one of two. */
  #checkNames(types: readonly string[]): void {
    const seen = new Map<string, UciSection>();
    for (const section of this.#given) {
      const { name, type } = section;
      const other = name === undefined ? undefined : seen.get(name);
      if (other) {
        this.#fault(section, 'duplicate', `the name is taken by the ${other.type} of line ${other.line}`);
      } else if (name !== undefined && types.includes(type)) seen.set(name, section);
    }
  }

  #fault(section: UciSection | undefined, code: Fault['code'], message: string): void {
    const label = section ? `${section.type}${section.name === undefined ? '' : ` '${section.name}'`}` : '';
    this.#faults.push({ file: this.#file, line: section?.line ?? 0, section: label, code, message });
  }
}

/** The secrets of sections whose names are known beforehand, by these names. */
function secretTables({ method, servers }: ReturnType<typeof sectionsOf>): ReadonlyMap<string, Options> {
  const named = Object.entries({ ...method.members, ...servers });
  const hasSecrets = named.filter(([, { secrets }]) => Object.keys(secrets).length > 0);
  return new Map(hasSecrets.map(([name, { secrets }]) => [name, secrets]));
}

function syntaxFault(file: string, line: number, message: string): Fault {
  return { file, line, section: '', code: 'syntax', message };
}

/** A price must be payable to the last digit by every method that takes its currency. */
function checkPrices(reader: SectionReader, plan: Plan, tills: readonly Till[]): void {
  for (const price of plan.prices) {
    for (const { name, currencies } of tills) {
      const decimals = currencies.get(price.currency);
      if (decimals === undefined || priceInUnits(price, decimals)) continue;
      reader.fault('conflict', `method '${name}' has ${decimals} decimals of ${price.currency}`, 'price');
    }
  }
}
