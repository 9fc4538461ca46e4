import { readFileSync, statSync } from 'node:fs';
import { priceInUnits } from '../domain/money.js';
import type { Plan } from '../domain/plan.js';
import { type Fault, nearest } from './fault.js';
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
  /** Upstreams that are switched on and that this version cannot serve: said, and no reason not to start. */
  readonly unserved: readonly string[];
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Sections that LuCI's Upstream page writes. */
export const upstreams = ['radius', 'mqtt', 'escrow'] as const;
const sectionTypes = ['turnpike', 'gateway', 'plan', 'method', ...upstreams];
const mostPlans = 256;
const largestFile = 1024 * 1024;

/** Reads a configuration file. What is wrong with it is reported all at once. */
export function readConfig(file: string): ConfigResult {
  try {
    const { size } = statSync(file);
    if (size > largestFile) return unreadable(file, `is larger than ${largestFile} bytes`);
    return loadConfig(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    return unreadable(file, `cannot be read: ${(cause as Error).message}`);
  }
}

/** Reads the text of a configuration; `file` is its name in faults. */
export function loadConfig(text: string, file: string): ConfigResult {
  const uci = parseUci(text);
  const faults: Fault[] = uci.faults.map(({ line, message }) => ({
    file,
    line,
    section: '',
    code: 'syntax',
    message,
  }));
  const loader = new Loader(file, faults);
  const config = loader.load(uci.sections);
  if (faults.length === 0) return { ok: true, config: freeze(config) };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
}

class Loader {
  readonly #file: string;
  readonly #faults: Fault[];

  constructor(file: string, faults: Fault[]) {
    this.#file = file;
    this.#faults = faults;
  }

  load(sections: readonly UciSection[]): Config {
    for (const section of sections) this.#checkType(section);
    this.#checkNames(sections);
    const mains = sections.filter((s) => s.type === 'turnpike');
    for (const extra of mains.slice(1)) this.#fault(extra, 'duplicate', 'there is one section of this type');
    const main = this.#read(mains[0] ?? emptyMain, readMain);
    const gateways = this.#all(sections, 'gateway', readGateway);
    const methods = this.#all(sections, 'method', readMethod);
    const plans = this.#all(sections, 'plan', (s) => {
      const plan = readPlan(s);
      if (plan) checkPrices(s, plan, methods);
      return plan;
    });
    if (gateways.length === 0) this.#fault(undefined, 'missing', 'there is no gateway that is enabled');
    if (plans.length > mostPlans)
      this.#fault(undefined, 'conflict', `there are more than ${mostPlans} plans`);
    return { main, gateways, plans, methods, unserved: unservedIn(sections) };
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

function unservedIn(sections: readonly UciSection[]): string[] {
  const on = ({ options }: UciSection) =>
    ['1', 'on', 'true', 'yes', 'enabled'].includes(options.get('enabled')?.value ?? '0');
  return upstreams.filter((name) => sections.some((s) => s.type === name && on(s)));
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
