/** How far a router's wall clock is ahead of UTC at a time (ms since 1970), in ms. */
export type TimeZone = (at: number) => number;

/** A day of the router's own calendar. */
export interface LocalDay {
  /** `2026-11-23` */
  readonly name: string;
  /** When the next one begins: wall clock, ms since 1970. */
  readonly end: number;
}

const hour = 3_600_000;
const day = 24 * hour;
const letters = '(?:<([A-Za-z0-9+-]{3,10})>|([A-Za-z]{3,10}))';
const clock = '([+-]?\\d{1,3}(?::\\d{1,2}(?::\\d{1,2})?)?)';
const form = new RegExp(`^${letters}${clock}(?:${letters}${clock}?(?:,([^,]+),([^,]+))?)?$`);

/** The day in which `at` lies. */
export function dayAt(at: number, zone: TimeZone): LocalDay {
  const index = Math.floor((at + zone(at)) / day);
  const midnight = (index + 1) * day;
  // The offset of the coming midnight itself, which a change of the clock may make another one.
  const end = midnight - zone(midnight - zone(at));
  return { name: new Date(index * day).toISOString().slice(0, 10), end };
}

/** UTC. */
export const utc: TimeZone = () => 0;

/**
 * Reads a time zone as OpenWrt keeps it in `/etc/TZ`: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2017 §8.3).
 * @returns undefined for what is none
 */
export function parseTimeZone(text: string): TimeZone | undefined {
  const [all, , , offset, quoted, name, summer, begins, ends] = form.exec(text.trim()) ?? [];
  if (all === undefined) return undefined;
  const standard = -timeOf(offset!);
  if (quoted === undefined && name === undefined) return () => standard;
  const ahead = summer === undefined ? standard + hour : -timeOf(summer);
  // Without rules, those of the United States hold, as in most C libraries.
  const [from, to] = [changeOf(begins ?? 'M3.2.0'), changeOf(ends ?? 'M11.1.0')];
  if (!from || !to) return undefined;
  return (at) => {
    const year = new Date(at + standard).getUTCFullYear();
    const [start, end] = [from(year) - standard, to(year) - ahead];
    const isSummer = start < end ? at >= start && at < end : at >= start || at < end;
    return isSummer ? ahead : standard;
  };
}

/** When the clock is changed in a year: local time before the change, as ms since 1970. */
function changeOf(rule: string): ((year: number) => number) | undefined {
  const [date = '', time = '2'] = rule.split('/');
  const at = timeOf(time);
  const [, month, week, weekday] = /^M(\d{1,2})\.([1-5])\.([0-6])$/.exec(date) ?? [];
  if (month !== undefined)
    return (year) => weekdayOf(year, Number(month), Number(week), Number(weekday)) + at;
  const [, julian, days] = /^(J?)(\d{1,3})$/.exec(date) ?? [];
  if (days === undefined) return undefined;
  // `J60` is the 1st of March in every year; a number alone counts from 0, and counts the 29th of February.
  return (year) => {
    const leap = julian === 'J' && Number(days) > 59 && new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
    return Date.UTC(year, 0, 1) + (Number(days) - (julian ? 1 : 0) + (leap ? 1 : 0)) * day + at;
  };
}

/** The nth weekday of a month; the 5th is the last one. */
function weekdayOf(year: number, month: number, week: number, weekday: number): number {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const date = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Date.UTC(year, month - 1, date > last ? date - 7 : date);
}

function timeOf(text: string): number {
  const [hours = '0', minutes = '0', seconds = '0'] = text.replace(/^[+-]/, '').split(':');
  const span = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return text.startsWith('-') ? -span : span;
}
