import type { Caps } from '../domain/hold.js';

/** Our table: nobody else writes into it, and a firewall's reload does not touch it. */
export const table = 'inet turnpike';

/** Devices, interfaces, sessions' marks, and addresses that are open to everybody. */
export const sets = {
  sale: 'sale',
  shared: 'shared',
  trusted: 'trusted',
  known: 'known',
  live: 'live',
  paid: 'paid',
  own: 'own',
  away: 'away',
  awayOwn: 'away_own',
  denied: 'denied',
  garden: 'garden4',
  garden6: 'garden6',
} as const;

/** Sets without whose elements nothing of a session passes: who is over is taken out of these first. */
export const passing: readonly string[] = [sets.live, sets.own, sets.away, sets.awayOwn, sets.paid];

/** Devices without a session that look names up: the kernel itself fills it. */
export const asking = 'asking';

/** Sessions whose device is away for all that turnpike knows, and has sent: the kernel itself fills it. */
export const awake = 'awake';

/** The quota of what comes in for a session whose device is away, and the map by which a packet finds it. */
export const rest = { prefix: 'n', map: 'cap_away' } as const;

/** The set that says by its name whose the table is has a name that begins so. Nothing is in it. */
export const sealPrefix = 'made_';

/** Limits of a session, and the maps by which a packet finds them: up by the MAC, down by the mark. */
export const paces = [
  { way: 'up', prefix: 'ru', map: 'pace_up' },
  { way: 'down', prefix: 'rd', map: 'pace_down' },
] as const;

/** Quotas of a session, and the maps by which a packet finds them. */
export const caps = [
  { kind: 'total', prefix: 't', map: 'cap_total' },
  { kind: 'up', prefix: 'u', map: 'cap_up' },
  { kind: 'down', prefix: 'd', map: 'cap_down' },
] as const;

/** Counters of a session, and the maps by which a packet finds them. */
export const counts = [
  { way: 'up', prefix: 'cu', map: 'count_up' },
  { way: 'down', prefix: 'cd', map: 'count_down' },
] as const;

/** Names are written into a script: nothing but what a session's id is made of may be in them. */
export const idForm = /^[a-z0-9]{1,64}$/;
const quotaForm = /^([tudn]\d{1,5}_[a-z0-9]{1,64})_(\d{1,9})$/;
const objectForm = /^(c[ud])(\d{1,5})_([a-z0-9]{1,64})$/;

/** The name of a session's object; `more` tells it from an earlier one, since an object's kind of change is limited. */
export function objectName(prefix: string, index: number, id: string, more?: number): string {
  return `${prefix}${index}_${id}${more === undefined ? '' : `_${more}`}`;
}

/** What the name of a counter says; undefined for other names. */
export function counterIn(name: string): { way: 'up' | 'down'; index: number; id: string } | undefined {
  const [, prefix, index, id] = objectForm.exec(name) ?? [];
  if (prefix === undefined) return undefined;
  return { way: prefix === 'cu' ? 'up' : 'down', index: Number(index), id: id! };
}

/** What the name of a quota says: its place, which is the name without the serial, and that; undefined for other names. */
export function quotaIn(name: string): { place: string; serial: number } | undefined {
  const [, place, serial] = quotaForm.exec(name) ?? [];
  return place === undefined ? undefined : { place, serial: Number(serial) };
}

/** A session's cap as it stands in the kernel: its quota, and the bytes at which that ends. */
export interface Quota {
  readonly kind: keyof Caps;
  readonly name: string;
  /** More than the cap where dropped packets were counted. */
  readonly limit: number;
  /** What its cap had counted when this run made it, or took it over. */
  readonly since: number;
}
