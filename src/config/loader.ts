import { priceInUnits } from '../domain/money.js';
import type { Plan } from '../domain/plan.js';
import { type Fault, nearest } from './fault.js';
import type { Options } from './option.js';
import { SectionReader } from './reader.js';
import { type Config, inOrder, type OffSection, type Schema, sectionsOf } from './schema.js';
import { Secrets } from './secrets.js';
import type { Section, Till } from './section.js';
import { swallowedIn } from './swallowed.js';
import { type FileText, parseUci, type UciFault, type UciSection } from './uci.js';
import { warningsOf } from './warnings.js';

/** A section of the file that is switched on and can be read, with faults or without. */
interface Read<C> {
  readonly given: UciSection;
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
const ownMethods = ['free', 'grant', 'voucher', 'lightning'];

/** Makes the configuration of a schema from the text of a file. */
export class Loader {
  readonly #sections: ReturnType<typeof sectionsOf>;
  readonly #file: string;
  readonly #faults: Fault[];
  readonly #given: readonly UciSection[];
  readonly #secrets: Secrets | undefined;
  /** Something is wrong in the file of the secrets: who knows what of a section is missing. */
  readonly #hidesSecrets: boolean;
  /** Sections with a fault. */
  readonly #faulty = new Set<UciSection>();
  readonly #text: string;
  #main: UciSection = emptyMain;

  /** @param faults takes in what is wrong, and has the files that cannot be read */
  constructor(schema: Schema, { text, file }: FileText, secrets: FileText | undefined, faults: Fault[]) {
    const uci = parseUci(text);
    const isUnreadable = faults.length > 0;
    for (const fault of [...uci.faults, ...swallowedIn(uci.sections)]) {
      faults.push(syntaxFault(file, fault));
      if (fault.section) this.#faulty.add(fault.section);
    }
    this.#text = text;
    this.#sections = sectionsOf(schema);
    this.#file = file;
    this.#faults = faults;
    this.#given = uci.sections;
    const known = faults.length;
    this.#secrets = secrets && new Secrets(secrets, faults);
    this.#hidesSecrets = isUnreadable || faults.length > known;
  }

  /** The journal's place is known. */
  get knowsJournal(): boolean {
    const isOf = ({ section, option }: Fault) => section.startsWith('turnpike') && option === 'directory';
    if (this.#faults.some(isOf)) return false;
    // A line that is no UCI may have been the one that says where.
    const isLost = this.#faults.some(({ code }) => code === 'syntax') && !this.#main.options.has('directory');
    return !(isLost && /^[^#\n]*\bdirectory\b/m.test(this.#text));
  }

  /** @returns what is without faults: the whole configuration where there are none. Portals are there with faults, too. */
  load(): Config {
    const types = inOrder(this.#sections).map(({ type }) => type);
    this.#checkTypes(types);
    const { main, web, gateway, method, hook } = this.#sections;
    // No option of it is needed, so it can always be made out.
    this.#main = this.#only(main) ?? emptyMain;
    const settings = this.#read(main, this.#main)!.config;
    const page = this.#read(web, this.#only(web) ?? emptyWeb);
    const gateways = this.#all(gateway);
    const methods = this.#all(method);
    const hooks = this.#all(hook).filter((one) => this.#isFree(one));
    const upstreams = this.#upstreams();
    const tills = [...methods, ...hooks].map(({ config }) => config);
    const plans = this.#plans([...tills, ...upstreams.flatMap(({ tills }) => tills)]);
    this.#checkNamed(upstreams, plans);
    this.#secrets?.finish(secretTables(this.#sections));
    if (gateways.length === 0) this.#fault(undefined, 'missing', 'there is no gateway that is enabled');
    const isSound = ({ given }: { given: UciSection }) => !this.#faulty.has(given);
    const sound = <C>(read: readonly Read<C>[]) => read.filter(isSound).map(({ config }) => config);
    return {
      ...{ main: settings, ...(page && isSound(page) && { web: page.config }) },
      // A portal that nobody serves leaves gates open and customers uncounted: one with a faulty option goes without it.
      gateways: gateways.map(({ config }) => config),
      ...{ plans: sound(plans).slice(0, mostPlans), methods: sound(methods), hooks: sound(hooks) },
      upstreams: Object.fromEntries(upstreams.filter(isSound).map(({ name, config }) => [name, config])),
      off: this.#off(new Set(gateways.map(({ given }) => given))),
      warnings: warningsOf(sound(plans), [
        ...[...sound(methods), ...sound(hooks)],
        ...upstreams.filter(isSound).flatMap(({ tills }) => tills),
      ]),
    };
  }

  #off(kept: ReadonlySet<UciSection>): OffSection[] {
    const off = this.#given.filter((one) => this.#faulty.has(one) && one !== this.#main && !kept.has(one));
    return off.map(({ type, name }) => ({ type, ...(name !== undefined && { name }) }));
  }

  /** Does something for a section, which is faulty when there is one fault more afterwards. */
  #watch<T>(given: UciSection, act: () => T): T {
    const known = this.#faults.length;
    const made = act();
    if (this.#faults.length > known) this.#faulty.add(given);
    return made;
  }

  /** A hook is a payment method of its name, so no other may have that. */
  #isFree({ given, reader, config: { name } }: Read<Till>): boolean {
    const { method, servers } = this.#sections;
    const names = [...Object.keys({ ...method.members, ...servers }), ...ownMethods];
    if (!names.includes(name) && !name.startsWith('x402')) return true;
    this.#watch(given, () => reader.fault('conflict', `'${name}' is the name of another way to pay`));
    return false;
  }

  #upstreams(): (Read<object> & { readonly name: string; readonly tills: readonly Till[] })[] {
    return Object.entries(this.#sections.servers).flatMap(([name, section]) => {
      const given = this.#only(section);
      const read = given && this.#read(section, given);
      return read ? [{ ...read, name, tills: section.tills?.(read.config) ?? [] }] : [];
    });
  }

  #plans(tills: readonly Till[]): Read<Plan>[] {
    const plans = this.#all(this.#sections.plan);
    for (const { given, reader, config } of plans)
      this.#watch(given, () => checkPrices(reader, config, tills));
    if (plans.length > mostPlans) {
      this.#fault(undefined, 'conflict', `there are more than ${mostPlans} plans`);
      for (const { given } of plans.slice(mostPlans)) this.#faulty.add(given);
    }
    return plans;
  }

  /** A plan that has a fault itself is there: that one fault is enough. */
  #checkNamed(
    upstreams: readonly (Read<object> & { readonly name: string })[],
    plans: readonly Read<Plan>[],
  ): void {
    const faulty = [...this.#faulty].filter(({ type }) => type === 'plan').map(({ name }) => name);
    const known = new Set([...plans.map(({ config }) => config.id), ...faulty]);
    const sections: Readonly<Record<string, Section>> = this.#sections.servers;
    for (const { name, given, reader, config } of upstreams) {
      for (const [option, plan] of Object.entries(sections[name]!.plans?.(config) ?? {})) {
        if (plan === undefined || known.has(plan)) continue;
        const meant = nearest(
          plan,
          [...known].flatMap((one) => one ?? []),
        );
        const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
        this.#watch(given, () => reader.fault('conflict', `there is no plan '${plan}'${hint}`, option));
      }
    }
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
    const isSecret = Object.keys(section.secrets).length > 0;
    const secrets = isSecret ? this.#secrets?.of(reader.name) : undefined;
    const config = this.#watch(given, () => {
      const made = section.read(reader, secrets);
      reader.finish();
      secrets?.finish();
      return made;
    });
    if (config !== undefined && this.#hidesSecrets && hasSecrets(section, reader.name))
      this.#faulty.add(given);
    return config === undefined ? undefined : { given, reader, config };
  }

  #checkTypes(types: readonly string[]): void {
    for (const section of this.#given.filter(({ type }) => !types.includes(type))) {
      const meant = nearest(section.type, types);
      const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
      this.#fault(section, 'unknown_section', `there is no section type '${section.type}'${hint}`);
    }
  }

  #fault(section: UciSection | undefined, code: Fault['code'], message: string): void {
    if (section) this.#faulty.add(section);
    const label = section ? `${section.type}${section.name === undefined ? '' : ` '${section.name}'`}` : '';
    this.#faults.push({ file: this.#file, line: section?.line ?? 0, section: label, code, message });
  }
}

/** Whether a section of this name may have secrets. */
function hasSecrets(section: Section, name: string): boolean {
  const { members = {} } = section;
  const own = Object.hasOwn(members, name) ? members[name]! : section;
  return Object.keys(own.secrets).length > 0;
}

/** The secrets of sections whose names are known beforehand, by these names. */
function secretTables({ method, servers }: ReturnType<typeof sectionsOf>): ReadonlyMap<string, Options> {
  const named = Object.entries({ ...method.members, ...servers });
  const hasSecrets = named.filter(([, { secrets }]) => Object.keys(secrets).length > 0);
  return new Map(hasSecrets.map(([name, { secrets }]) => [name, secrets]));
}

function syntaxFault(file: string, { line, message, isDuplicate, section }: UciFault): Fault {
  if (!isDuplicate || !section) return { file, line, section: '', code: 'syntax', message };
  return { file, line, section: `${section.type} '${section.name}'`, code: 'duplicate', message };
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
