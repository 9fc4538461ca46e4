import { existsSync, readFileSync, statSync } from 'node:fs';
import { priceInUnits } from '../domain/money.js';
import type { Plan } from '../domain/plan.js';
import { present } from '../domain/present.js';
import { reasonOf, systemErrorOf } from '../system-error.js';
import { type EscrowConfig, readEscrow } from './escrow.js';
import { type Fault, nearest } from './fault.js';
import { type MqttConfig, readMqtt } from './mqtt.js';
import { type RadiusConfig, readRadius } from './radius.js';
import { SectionReader } from './reader.js';
import {
  type GatewayConfig,
  type MainConfig,
  type MethodConfig,
  readGateway,
  readMain,
  readMethod,
  readPlan,
} from './sections.js';
import { parseUci, type UciSection } from './uci.js';

/** The whole configuration, frozen; switched-off sections are left out. */
export interface Config {
  readonly main: MainConfig;
  readonly gateways: readonly GatewayConfig[];
  readonly plans: readonly Plan[];
  readonly methods: readonly MethodConfig[];
  readonly upstreams: UpstreamConfigs;
}

/** The upstreams that are switched on, with their secrets. */
export interface UpstreamConfigs {
  readonly radius?: RadiusConfig;
  readonly mqtt?: MqttConfig;
  readonly escrow?: EscrowConfig;
}

/** Text of a configuration file, with its name for faults. */
interface FileText {
  readonly text: string;
  readonly file: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Sections that LuCI's Upstream page writes. */
export const upstreams = ['radius', 'mqtt', 'escrow'] as const;
/** Beside the configuration: what rpcd shows to nobody. */
const secretsSuffix = '_secrets';
const sectionTypes = ['turnpike', 'gateway', 'plan', 'method', ...upstreams];
const mostPlans = 256;
const largestFile = 1024 * 1024;

/** Reads a configuration file. What is wrong with it is reported all at once. */
export function readConfig(file: string): ConfigResult {
  try {
    const secrets = `${file}${secretsSuffix}`;
    const text = readText(file);
    return loadConfig(
      text,
      file,
      existsSync(secrets) ? { text: readText(secrets), file: secrets } : undefined,
    );
  } catch (cause) {
    return unreadable(systemErrorOf(cause)?.path ?? file, `cannot be read: ${reasonOf(cause)}`);
  }
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > largestFile) throw new Error(`${file} is larger than ${largestFile} bytes`);
  return readFileSync(file, 'utf8');
}

/** Reads the text of a configuration and that of its secrets; `file` is its name in faults. */
export function loadConfig(text: string, file: string, secrets?: FileText): ConfigResult {
  const uci = parseUci(text);
  const faults: Fault[] = uci.faults.map(({ line, message }) => syntaxFault(file, line, message));
  const loader = new Loader(file, faults);
  const config = loader.load(uci.sections, secrets ? loader.secretsOf(secrets) : new Map());
  if (faults.length === 0) return { ok: true, config: freeze(config) };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
}

function syntaxFault(file: string, line: number, message: string): Fault {
  return { file, line, section: '', code: 'syntax', message };
}

class Loader {
  readonly #file: string;
  readonly #faults: Fault[];

  constructor(file: string, faults: Fault[]) {
    this.#file = file;
    this.#faults = faults;
  }

  /** The sections of the file of the secrets, by name. Faults there say their line, and never what stands on it. */
  secretsOf({ text, file }: FileText): ReadonlyMap<string, SectionReader> {
    const uci = parseUci(text);
    this.#faults.push(...uci.faults.map(({ line }) => syntaxFault(file, line, 'this is no UCI')));
    const named = uci.sections.filter(({ type }) => type === 'secret');
    return new Map(named.map((s) => [s.name ?? '', new SectionReader(file, s, this.#faults)]));
  }

  load(sections: readonly UciSection[], secrets: ReadonlyMap<string, SectionReader>): Config {
    for (const section of sections) this.#checkType(section);
    this.#checkNames(sections);
    const main = this.#read(this.#only(sections, 'turnpike') ?? emptyMain, readMain);
    const gateways = this.#all(sections, 'gateway', readGateway);
    const methods = this.#all(sections, 'method', readMethod);
    const upstreams = this.#upstreams(sections, secrets);
    const deposits = upstreams.escrow ? depositsOf(upstreams.escrow) : [];
    const plans = this.#all(sections, 'plan', (s) => {
      const plan = readPlan(s);
      if (plan) checkPrices(s, plan, [...methods, ...deposits]);
      return plan;
    });
    if (gateways.length === 0) this.#fault(undefined, 'missing', 'there is no gateway that is enabled');
    if (plans.length > mostPlans)
      this.#fault(undefined, 'conflict', `there are more than ${mostPlans} plans`);
    return { main, gateways, plans, methods, upstreams };
  }

  #upstreams(sections: readonly UciSection[], secrets: ReadonlyMap<string, SectionReader>): UpstreamConfigs {
    const read = <T>(type: string, reader: (s: SectionReader, of?: SectionReader) => T | undefined) => {
      const section = this.#only(sections, type);
      const secret = secrets.get(section?.name ?? '');
      const value = section && this.#read(section, (s) => reader(s, secret));
      secret?.finish();
      return value;
    };
    return present({
      radius: read('radius', readRadius),
      mqtt: read('mqtt', readMqtt),
      escrow: read('escrow', readEscrow),
    });
  }

  #only(sections: readonly UciSection[], type: string): UciSection | undefined {
    const [first, ...more] = sections.filter((s) => s.type === type);
    for (const extra of more) this.#fault(extra, 'duplicate', 'there is one section of this type');
    return first;
  }

  #all<T>(sections: readonly UciSection[], type: string, read: (s: SectionReader) => T | undefined): T[] {
    return sections.filter((s) => s.type === type).flatMap((s) => this.#read(s, read) ?? []);
  }

  #read<T>(section: UciSection, read: (s: SectionReader) => T): T {
    const reader = new SectionReader(this.#file, section, this.#faults);
    const value = read(reader);
    reader.finish();
    return value;
  }

  #checkType(section: UciSection): void {
    if (sectionTypes.includes(section.type)) return;
    const meant = nearest(section.type, sectionTypes);
    const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
    this.#fault(section, 'unknown_section', `there is no section type '${section.type}'${hint}`);
  }

  /** libuci keeps one section for a name, whatever its type: two would lose one in LuCI. */
  #checkNames(sections: readonly UciSection[]): void {
    const seen = new Map<string, UciSection>();
    for (const section of sections) {
      const { name, type } = section;
      const other = name === undefined ? undefined : seen.get(name);
      if (other) {
        this.#fault(section, 'duplicate', `the name is taken by the ${other.type} of line ${other.line}`);
      } else if (name !== undefined && sectionTypes.includes(type)) seen.set(name, section);
    }
  }

  #fault(section: UciSection | undefined, code: Fault['code'], message: string): void {
    const label = section ? `${section.type}${section.name === undefined ? '' : ` '${section.name}'`}` : '';
    this.#faults.push({ file: this.#file, line: section?.line ?? 0, section: label, code, message });
  }
}

/** The deposits as ways to pay. */
function depositsOf({ methods, currency, decimals }: EscrowConfig): MethodConfig[] {
  return methods.map((name) => ({ name, currencies: new Map([[currency, decimals]]) }));
}

const emptyMain: UciSection = {
  type: 'turnpike',
  name: 'main',
  line: 0,
  options: new Map(),
  lists: new Map(),
};

/** A price must be payable to the last digit by every method that takes its currency. */
function checkPrices(s: SectionReader, plan: Plan, methods: readonly MethodConfig[]): void {
  for (const price of plan.prices) {
    for (const { name, currencies } of methods) {
      const decimals = currencies.get(price.currency);
      if (decimals === undefined || priceInUnits(price, decimals)) continue;
      s.fault('conflict', `method '${name}' has ${decimals} decimals of ${price.currency}`, 'price');
    }
  }
}

function unreadable(file: string, message: string): ConfigResult {
  return { ok: false, faults: [{ file, line: 0, section: '', code: 'unreadable', message }] };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (!(value instanceof Map)) for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
