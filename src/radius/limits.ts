import type { Accounting, Policy } from '../domain/lot.js';
import type { Allotment } from '../domain/plan.js';
import { present } from '../domain/present.js';
import { type Bytes, bytes, type Millis, seconds } from '../domain/units.js';
import type { Attribute } from './attributes.js';
import { integersOf, textsOf } from './find.js';
import { ratePair, timeOf } from './written-limits.js';

/**
 * The limits that attributes set. A limit is absent where no attribute sets it, or where one sets it to 0 (no limit).
 */
export interface Limits {
  readonly allotment: Allotment;
  readonly policy: Partial<Policy>;
  readonly accounting: Pick<Accounting, 'interim'>;
}

/** Limits, or the name of the attribute whose value makes no sense. */
export type LimitsRead =
  | { readonly ok: true; readonly limits: Limits }
  | { readonly ok: false; readonly attribute: string };

/** RFC 2869 §5.16: it must not be smaller. */
const shortestInterim = 60;

const dataCaps = {
  bytes: ['ChilliSpot-Max-Total-Octets', 'Mikrotik-Total-Limit'],
  upBytes: ['ChilliSpot-Max-Input-Octets', 'Mikrotik-Recv-Limit'],
  downBytes: ['ChilliSpot-Max-Output-Octets', 'Mikrotik-Xmit-Limit'],
} as const;

const rates = {
  upRate: { bits: 'WISPr-Bandwidth-Max-Up', kilobits: 'ChilliSpot-Bandwidth-Max-Up', side: 0 },
  downRate: { bits: 'WISPr-Bandwidth-Max-Down', kilobits: 'ChilliSpot-Bandwidth-Max-Down', side: 1 },
} as const;

const terminateTime = 'WISPr-Session-Terminate-Time';
const rateLimit = 'Mikrotik-Rate-Limit';

/** Every attribute that {@link limitsOf} reads. */
export const limitNames: ReadonlySet<string> = new Set([
  'Session-Timeout',
  'Idle-Timeout',
  'Acct-Interim-Interval',
  'Port-Limit',
  terminateTime,
  rateLimit,
  ...Object.values(dataCaps).flat(),
  ...Object.values(dataCaps).flat().map(gigawordsOf),
  ...Object.values(rates).flatMap(({ bits, kilobits }) => [bits, kilobits]),
]);

/**
 * Reads the limits of an Access-Accept or a CoA-Request: RFC 2865, RFC 2869, WISPr, ChilliSpot and MikroTik. Of two that
 * limit the same thing the tighter one counts. Input and Recv are what comes from the client.
 * @param now wall clock, ms since 1970
 */
export function limitsOf(attributes: readonly Attribute[], now: number): LimitsRead {
  const [odd] = attributes.filter(isUnreadable);
  if (odd) return { ok: false, attribute: odd[0] };
  const ends = textsOf(attributes, terminateTime).map((text) => timeOf(text)!);
  const pairs = textsOf(attributes, rateLimit).map((text) => ratePair(text)!);
  const one = (name: string) => least(integersOf(attributes, name));
  const interim = one('Acct-Interim-Interval');
  const idle = one('Idle-Timeout');
  const rate = ({ bits, kilobits, side }: (typeof rates)['upRate' | 'downRate']) =>
    least([
      ...integersOf(attributes, bits).map(kbit),
      ...integersOf(attributes, kilobits),
      ...pairs.map((pair) => kbit(pair[side])),
    ]);
  const allotment: Allotment = present({
    bytes: dataCap(attributes, dataCaps.bytes),
    upBytes: dataCap(attributes, dataCaps.upBytes),
    downBytes: dataCap(attributes, dataCaps.downBytes),
    millis: spanOf(one('Session-Timeout')),
    // A time that has passed already becomes 1 ms, after which the session ends.
    validity: least(ends.map((end) => Math.max(1, end - now))) as Millis | undefined,
  });
  const policy = present({
    upRate: rate(rates.upRate),
    downRate: rate(rates.downRate),
    idleTimeout: spanOf(idle),
    devices: one('Port-Limit'),
  });
  const accounting = present({
    interim: spanOf(interim === undefined ? undefined : Math.max(interim, shortestInterim)),
  });
  return { ok: true, limits: { allotment, policy, accounting } };
}

/** A limit whose value makes no sense: {@link limitsOf} reads what is left without it. */
export function isUnreadable([name, value]: Attribute): boolean {
  const read = { [terminateTime]: timeOf, [rateLimit]: ratePair }[name];
  // Text that is no UTF-8 comes as octets.
  return read !== undefined && (typeof value !== 'string' || read(value) === undefined);
}

/** One of these limits is 0; octets and their gigawords are one limit. */
export function hasZero(attributes: readonly Attribute[]): boolean {
  const present = (name: string) => attributes.some(([one]) => one === name);
  const caps = Object.values(dataCaps)
    .flat()
    .filter((name) => present(name) || present(gigawordsOf(name)));
  const numbers = attributes.filter(([name]) => limitNames.has(name) && !isPartOfCap(name));
  return (
    caps.some((name) => dataCap(attributes, [name]) === undefined) ||
    numbers.some(([, value]) => value === 0) ||
    textsOf(attributes, rateLimit).some((text) => ratePair(text)?.includes(0))
  );
}

function isPartOfCap(name: string): boolean {
  return Object.values(dataCaps)
    .flat()
    .some((cap) => cap === name || gigawordsOf(cap) === name);
}

function spanOf(given: number | undefined): Millis | undefined {
  return given === undefined ? undefined : seconds(given);
}

/** A cap in octets; its gigawords are an attribute of their own (2^32 octets each). */
function dataCap(attributes: readonly Attribute[], names: readonly string[]): Bytes | undefined {
  const found = names.map((name) => {
    const [low = 0] = integersOf(attributes, name);
    const [high = 0] = integersOf(attributes, gigawordsOf(name));
    return bytes(Number((BigInt(high) << 32n) + BigInt(low)));
  });
  return least(found) as Bytes | undefined;
}

function gigawordsOf(name: string): string {
  return name.endsWith('-Octets') ? name.replace('-Octets', '-Gigawords') : `${name}-Gigawords`;
}

/** Bits a second as kbit/s, which is never nothing. */
function kbit(bits: number): number {
  return bits === 0 ? 0 : Math.max(1, Math.round(bits / 1000));
}

/** The smallest that is a limit; 0 is none. */
function least(values: readonly number[]): number | undefined {
  const limits = values.filter((value) => value > 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
