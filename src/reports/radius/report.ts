import { type Cause, policyOf, type Session } from '../../domain/session.js';
import { baselinesAt } from '../../domain/traffic.js';
import type { Attribute } from '../../radius/attributes.js';
import { chargeableAttributes } from '../../radius/chargeable.js';
import { type Nas, nasAttributes, serviceOf, stationAttributes } from '../../radius/nas.js';

/** Acct-Status-Type (RFC 2866 §5.1). */
export const statusType = { start: 1, stop: 2, interim: 3, on: 7, off: 8 } as const;

/** What is told of a session, as it was at one time. */
export interface Report {
  readonly kind: 'start' | 'interim' | 'stop';
  readonly session: Session;
  /** Wall clock when it was so, ms since 1970. */
  readonly at: number;
}

/** Acct-Terminate-Cause (RFC 2866 §5.10). None of them means a data cap: it is the allotment that is used up, as with 5. */
const terminateCauses: Readonly<Record<Cause, number>> = {
  time: 5,
  data: 5,
  admin: 6,
  user: 1,
  'pc-logout': 1,
  conflict: 10,
  coa: 6,
  idle: 4,
  lost: 2,
  reboot: 11,
  'payment-failed': 10,
  'payment-reversed': 10,
};

/** Acct-Authentic: RADIUS (RFC 2866 §5.6). */
const byRadius = 1;
/** Before this a router's clock has not been set: 2020. */
const clockSet = 1_577_836_800_000;

/**
 * The attributes of an Accounting-Request about a session (RFC 2866, RFC 2869). `now` is the wall clock in ms: what
 * lies between is the delay.
 */
export function reportAttributes(nas: Nas, { kind, session, at }: Report, now: number): Attribute[] {
  const { id, user, usage } = session;
  const address = baselinesAt(session, session.gateway).at(-1)?.ip;
  const classes = session.lots.flatMap((lot) => lot.accounting?.classes ?? []);
  return [
    ['Acct-Status-Type', statusType[kind]],
    ['Acct-Session-Id', id],
    ...(user === undefined ? [] : [['User-Name', user] as const]),
    ...nasAttributes(nas),
    ...stationAttributes(nas, { ...session, ...(address !== undefined && { address }) }),
    ['Service-Type', serviceOf(user, session.mac)],
    ['Acct-Authentic', byRadius],
    ...chargeableAttributes(session),
    ...classes.map((value) => ['Class', Buffer.from(value, 'base64')] as const),
    ...timing(at, now),
    ...(kind === 'start' ? [connection(session)] : used(usage.up, 'Input')),
    ...(kind === 'start' ? [] : used(usage.down, 'Output')),
    ...(kind === 'start' ? [] : [['Acct-Session-Time', Math.floor(usage.millis / 1000)] as const]),
    ...(kind === 'stop' ? ending(session.cause) : []),
  ];
}

/** The attributes of an Accounting-On or -Off: all sessions of this NAS are over. */
export function serviceAttributes(
  nas: Nas,
  kind: 'on' | 'off',
  id: string,
  at: number,
  now: number,
): Attribute[] {
  return [
    ['Acct-Status-Type', statusType[kind]],
    ['Acct-Session-Id', id],
    ...nasAttributes(nas),
    ...timing(at, now),
  ];
}

function timing(at: number, now: number): Attribute[] {
  // From before the clock was set only the order is known.
  const from = at >= clockSet ? at : now;
  const delay = Math.max(0, Math.floor((now - from) / 1000));
  return [
    ['Event-Timestamp', Math.floor(from / 1000)],
    ['Acct-Delay-Time', delay],
  ];
}

/** Octets and, above 4 GiB, gigawords. Input is what came from the client. */
function used(octets: number, direction: 'Input' | 'Output'): Attribute[] {
  const all = BigInt(octets);
  const gigawords = Number(all >> 32n);
  const list: Attribute[] = [[`Acct-${direction}-Octets`, Number(all & 0xffff_ffffn)]];
  if (gigawords > 0) list.push([`Acct-${direction}-Gigawords`, gigawords]);
  return list;
}

/** The rates in bit/s, to the device and from it, where the server has limited them (RFC 2869 §5.11). */
function connection(session: Session): Attribute {
  const { upRate, downRate } = policyOf(session);
  const rates = [downRate, upRate].map((rate) => (rate === undefined ? '-' : `${rate * 1000}`)).join('/');
  return ['Connect-Info', `CONNECT ${rates === '-/-' ? '' : `${rates} `}802.11`];
}

function ending(cause: Cause | undefined): Attribute[] {
  if (cause === undefined) return [];
  // The reason in our own words goes where a NAS describes the connection (RFC 2869 §5.11).
  return [
    ['Acct-Terminate-Cause', terminateCauses[cause]],
    ['Connect-Info', `turnpike: ${cause}`],
  ];
}
