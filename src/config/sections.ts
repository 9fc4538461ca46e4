import { isCurrency, type Price, parsePrice } from '../domain/money.js';
import type { Allotment, Plan } from '../domain/plan.js';
import { present } from '../domain/present.js';
import { type Bytes, type Millis, millis } from '../domain/units.js';
import type { SectionReader } from './reader.js';

/** Settings of the daemon as a whole. */
export interface MainConfig {
  readonly enabled: boolean;
  /** The router's name upstream; the host's name when absent. */
  readonly router?: string;
  /** ubusd's socket; looked for when absent. */
  readonly socket?: string;
  /** Where the journal is. */
  readonly directory: string;
  /** Usage is written this often. */
  readonly flushInterval: Millis;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** `session.low` is told at this share of the allotment, in percent. */
  readonly lowPercent: number;
  readonly heartbeat: Millis;
  /** Time in which the router was off counts too. */
  readonly billDowntime: boolean;
  /** A session that is away for this long ends; 0 for never. */
  readonly lostAfter: Millis;
  /** Worker threads. */
  readonly threads: number;
  /** Caps stand in the kernel too. */
  readonly backstop: boolean;
  /** The nft program. */
  readonly nft: string;
}

/** One captive portal. */
export interface GatewayConfig {
  readonly name: string;
  readonly type: 'opennds' | 'nodogsplash';
  readonly transport: 'socket' | 'command';
  /** Its control socket; looked for when absent. */
  readonly socket?: string;
  /** Its command, for the transport of that name. */
  readonly command: string;
  /** Clients with no session are shut. */
  readonly exclusive: boolean;
  /** What is done when one MAC turns out to be two devices. */
  readonly doubleMac: 'report' | 'suspend' | 'close';
  /** A command that is called with `restart` when the portal does not come round by itself. */
  readonly restart?: string;
  readonly pollMin: Millis;
  readonly pollMax: Millis;
  /** Largest share of the portal's time that polls take, in percent. */
  readonly pollShare: number;
}

/** A way to pay. */
export interface MethodConfig {
  readonly name: string;
  /** Code and decimals of each currency that it takes. */
  readonly currencies: ReadonlyMap<string, number>;
}

const path = /^\/[^\0\n]{0,200}$/;
const day = 86_400_000;
const longest = 3650 * day;
const mostRouters = /^[A-Za-z0-9._-]{1,64}$/;
const identifier = /^[A-Za-z0-9_]{1,32}$/;
const title = /^[^\p{Cc}\p{Cs}]{1,100}$/u;
const absolute = 'an absolute path';

export function readMain(s: SectionReader): MainConfig {
  const router = s.matching('router', mostRouters, '1 to 64 letters, digits, dots, _ and -');
  const socket = s.matching('socket', path, absolute);
  return {
    enabled: s.flag('enabled', true),
    directory: s.matching('directory', path, absolute) ?? '/etc/turnpike/state',
    flushInterval: millis(s.span('flush_interval', 1000, 3_600_000) ?? 60_000),
    logLevel: s.choice('log_level', ['debug', 'info', 'warn', 'error'], 'info') ?? 'info',
    lowPercent: s.whole('low_percent', 1, 100) ?? 80,
    // uhttpd ends a silent subscription after 30 s.
    heartbeat: millis(s.span('heartbeat', 1000, 29_000) ?? 20_000),
    billDowntime: s.flag('bill_downtime', false),
    lostAfter: millis(s.span('lost_after', 0, longest) ?? 30 * day),
    threads: s.whole('threads', 1, 4) ?? 1,
    backstop: s.flag('backstop', true),
    nft: s.matching('nft', path, absolute) ?? '/usr/sbin/nft',
    ...(router !== undefined && { router }),
    ...(socket !== undefined && { socket }),
  };
}

/** A gateway; undefined when it is switched off or cannot be made out. */
export function readGateway(s: SectionReader): GatewayConfig | undefined {
  checkName(s);
  s.demand('type');
  const enabled = s.flag('enabled', true);
  const type = s.choice('type', ['opennds', 'nodogsplash'], undefined);
  const socket = s.matching('socket', path, absolute);
  const restart = s.matching('restart', path, absolute);
  const config = {
    name: s.name,
    transport: s.choice('transport', ['socket', 'command'], 'socket') ?? 'socket',
    command: s.matching('command', path, absolute) ?? '/usr/bin/ndsctl',
    exclusive: s.flag('exclusive', true),
    doubleMac: s.choice('double_mac', ['report', 'suspend', 'close'], 'report') ?? 'report',
    pollMin: millis(s.span('poll_min', 50, 60_000) ?? 250),
    pollMax: millis(s.span('poll_max', 100, 600_000) ?? 10_000),
    pollShare: s.whole('poll_share', 1, 90) ?? 25,
    ...(socket !== undefined && { socket }),
    ...(restart !== undefined && { restart }),
  };
  if (config.pollMin > config.pollMax) s.fault('conflict', 'poll_min is longer than poll_max', 'poll_min');
  return enabled && type ? { ...config, type } : undefined;
}

/** A plan; undefined when it is switched off or cannot be made out. */
export function readPlan(s: SectionReader): Plan | undefined {
  checkName(s);
  s.demand('metric');
  s.demand('step');
  const enabled = s.flag('enabled', true);
  const metric = s.choice('metric', ['bytes', 'time'], undefined);
  const stepSize = metric === 'time' ? s.span('step', 1000, longest) : s.bytes('step', 1);
  const minSteps = s.whole('min_steps', 1, 1_000_000_000) ?? 1;
  const maxSteps = s.whole('max_steps', 1, 1_000_000_000) ?? Math.max(1000, minSteps);
  const caps = readCaps(s, metric);
  const rates = present({ upRate: s.rate('up_rate'), downRate: s.rate('down_rate') });
  const idle = s.span('idle_timeout', 10_000, longest);
  const plan = {
    id: s.name,
    title: s.matching('title', title, 'one line of 1 to 100 characters') ?? s.name,
    prices: readPrices(s),
    minSteps,
    maxSteps,
    caps,
    ...rates,
    ...(idle !== undefined && { idleTimeout: millis(idle) }),
    devices: s.whole('devices', 1, 100) ?? 1,
    pauseAway: s.flag('pause_away', false),
  };
  if (minSteps > maxSteps) s.fault('conflict', 'min_steps is more than max_steps', 'min_steps');
  if (stepSize !== undefined && !Number.isSafeInteger(stepSize * maxSteps)) {
    s.fault('conflict', 'step times max_steps is more than can be counted', 'step');
  }
  return enabled && metric && stepSize !== undefined ? { ...plan, metric, stepSize } : undefined;
}

function readCaps(s: SectionReader, metric: 'bytes' | 'time' | undefined): Allotment {
  const same = metric === 'time' ? 'seconds' : 'bytes';
  if (metric && s.has(same)) {
    s.fault('conflict', `a plan by ${metric} is limited by its steps, not by ${same}`, same);
  }
  const caps = {
    bytes: s.bytes('bytes', 1) as Bytes | undefined,
    millis: s.span('seconds', 1000, longest) as Millis | undefined,
    upBytes: s.bytes('up_bytes', 1) as Bytes | undefined,
    downBytes: s.bytes('down_bytes', 1) as Bytes | undefined,
    validity: s.span('valid_for', 1000, longest) as Millis | undefined,
  };
  return present(caps);
}

function readPrices(s: SectionReader): Price[] {
  const prices: Price[] = [];
  for (const text of s.list('price')) {
    const price = parsePrice(text);
    if (!price) s.fault('bad_value', `'${text.slice(0, 40)}' is no price such as '0.50 USD'`, 'price');
    else if (prices.some((p) => p.currency === price.currency)) {
      s.fault('duplicate', `there are two prices in ${price.currency}`, 'price');
    } else prices.push(price);
  }
  return prices;
}

/** The payment methods of this version. */
export const methodNames = ['cash'] as const;

/** A payment method; undefined when it is switched off. */
export function readMethod(s: SectionReader): MethodConfig | undefined {
  if (!(methodNames as readonly string[]).includes(s.name)) {
    s.fault('unknown_section', `there is no payment method '${s.name}': ${methodNames.join(', ')}`);
  }
  const enabled = s.flag('enabled', true);
  const currencies = new Map<string, number>();
  s.demand('currency');
  for (const text of s.list('currency')) {
    const [code, decimals, ...rest] = text.trim().split(/\s+/);
    const places = /^\d{1,2}$/.test(decimals ?? '') ? Number(decimals) : undefined;
    if (!code || !isCurrency(code) || places === undefined || places > 18 || rest.length > 0) {
      s.fault(
        'bad_value',
        `'${text.slice(0, 40)}' is no currency with its decimals such as 'USD 2'`,
        'currency',
      );
    } else if (currencies.has(code)) s.fault('duplicate', `${code} is there twice`, 'currency');
    else currencies.set(code, places);
  }
  return enabled ? { name: s.name, currencies } : undefined;
}

function checkName(s: SectionReader): void {
  if (!identifier.test(s.name)) s.fault('missing', 'needs a name of 1 to 32 letters, digits and _');
}
