import { readFileSync } from 'node:fs';
import { parseTimeZone, type TimeZone } from '../domain/time-zone.js';

/** Where OpenWrt has the time zone of `config system`. */
const usualFile = '/etc/TZ';
const minute = 60_000;

/** The router's time zone now; where the file is missing, that of the process. */
export function readTimeZone(file = usualFile): TimeZone {
  try {
    const zone = parseTimeZone(readFileSync(file, 'utf8'));
    if (zone) return zone;
  } catch {
    // A computer that is no router keeps it elsewhere.
  }
  return (at) => -new Date(at).getTimezoneOffset() * minute;
}
