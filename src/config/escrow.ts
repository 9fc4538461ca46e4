import { isCurrency } from '../domain/money.js';
import { present } from '../domain/present.js';
import { type Millis, millis } from '../domain/units.js';
import type { SectionReader } from './reader.js';

/** The ways to hold a customer's money, by their payment methods. */
export const escrowMethods = ['x402r-session', 'x402-exact', 'x402-batch'] as const;
export type EscrowMethod = (typeof escrowMethods)[number];

/** Where customers pay in, and who settles it. */
export interface EscrowConfig {
  readonly methods: readonly EscrowMethod[];
  /** URLs, asked in this order. */
  readonly facilitators: readonly string[];
  /** URLs of facilitators of x402, for `x402-exact` and `x402-batch`; the same when there are no others. */
  readonly x402Facilitators: readonly string[];
  /** URL of a node: what a facilitator says is believed when the chain says so too. */
  readonly rpc: string;
  /** CAIP-2, `eip155:8453`. */
  readonly network: string;
  readonly chainId: number;
  readonly currency: string;
  readonly decimals: number;
  /** Contract of the currency. */
  readonly token: string;
  /** Name and version of its EIP-712 domain; the contract is asked when they are absent. */
  readonly tokenName?: string;
  readonly tokenVersion?: string;
  /** The escrow that sessions are in. Only `x402r-session` needs it. */
  readonly contract?: string;
  readonly payTo: string;
  /** Of the seller, who signs what is charged. `x402-exact` needs none. */
  readonly key?: string;
  /** A deposit is settled so long before it expires. */
  readonly margin: Millis;
  /** And expires so long after it was made. */
  readonly duration: Millis;
  /** What was used is charged this often. */
  readonly chargeInterval: Millis;
  /** Blocks on top of a deposit after which it is final. */
  readonly confirmations: number;
}

const url = /^https?:\/\/[^\s@/]+(?:\/\S{0,200})?$/;
const account = /^0x[0-9a-fA-F]{40}$/;
const privateKey = /^0x[0-9a-fA-F]{64}$/;
const caip2 = /^eip155:([1-9]\d{0,14})$/;
const line = /^[^\p{Cc}]{1,64}$/u;
const minute = 60_000;
const hour = 60 * minute;

/** The section `escrow`; undefined when it is switched off or cannot be made out. */
export function readEscrow(s: SectionReader, secrets: SectionReader | undefined): EscrowConfig | undefined {
  const enabled = s.flag('enabled', false);
  const methods = readMethods(s);
  const facilitators = [s.matching('facilitator', url, web), s.matching('facilitator2', url, web)];
  const others = [s.matching('x402_facilitator', url, web)].filter((f) => f !== undefined);
  const network = s.matching('network', caip2, 'a network such as eip155:8453');
  const money = readCurrency(s);
  const needed = {
    rpc: s.matching('rpc', url, web),
    token: lower(s.matching('token', account, hex20)),
    payTo: lower(s.matching('pay_to', account, hex20)),
  };
  const rest = {
    methods,
    facilitators: facilitators.filter((f) => f !== undefined),
    x402Facilitators: others.length > 0 ? others : facilitators.filter((f) => f !== undefined),
    margin: millis(s.span('margin', 10 * minute, 24 * hour) ?? 10 * minute),
    chargeInterval: millis(s.span('charge_interval', minute, 24 * hour) ?? 10 * minute),
    duration: millis(s.span('duration', hour, 365 * 24 * hour) ?? 24 * hour),
    confirmations: s.whole('confirmations', 1, 1000) ?? 3,
    ...present({
      contract: lower(s.matching('contract', account, hex20)),
      key: secrets?.matching('key', privateKey, '0x and 64 hexadecimal digits'),
      tokenName: s.matching('token_name', line, 'one line'),
      tokenVersion: s.matching('token_version', line, 'one line'),
    }),
  };
  if (!enabled) return undefined;
  for (const option of ['facilitator', 'network', 'currency', 'rpc', 'token', 'pay_to']) s.demand(option);
  if (methods.includes('x402r-session') && rest.contract === undefined) s.demand('contract');
  if (methods.some((method) => method !== 'x402-exact') && rest.key === undefined) {
    s.fault('missing', 'its key is missing in the file of the secrets');
  }
  if (rest.margin >= rest.duration) s.fault('conflict', 'margin is as long as duration', 'margin');
  const { rpc, token, payTo } = needed;
  if (!network || !money || !rpc || !token || !payTo) return undefined;
  return { ...rest, rpc, token, payTo, network, chainId: Number(caip2.exec(network)![1]), ...money };
}

const web = 'an address such as https://host';
const hex20 = '0x and 40 hexadecimal digits';

function readMethods(s: SectionReader): EscrowMethod[] {
  const given = s.list('method');
  const known = (text: string): text is EscrowMethod => (escrowMethods as readonly string[]).includes(text);
  for (const text of given) {
    if (!known(text)) s.fault('bad_value', `must be one of ${escrowMethods.join(', ')}`, 'method');
  }
  return given.length === 0 ? ['x402r-session'] : [...new Set(given.filter(known))];
}

function readCurrency(s: SectionReader): { currency: string; decimals: number } | undefined {
  const text = s.matching('currency', /^\S+ \d{1,2}$/, "a currency with its decimals such as 'USDC 6'");
  const [currency = '', places] = text?.split(' ') ?? [];
  const decimals = Number(places);
  if (text === undefined) return undefined;
  if (isCurrency(currency) && decimals <= 18) return { currency, decimals };
  s.fault('bad_value', 'is no currency with its decimals', 'currency');
  return undefined;
}

/** Accounts are compared in lower case. */
function lower(text: string | undefined): string | undefined {
  return text?.toLowerCase();
}
