const rate = String.raw`(\d{1,10}(?:\.\d{1,9})?[kmg]?)`;
/** Bursts may follow: `rx/tx rx-burst/tx-burst threshold time priority rx-min/tx-min`, each of them or the first few. */
const rateForm = new RegExp(String.raw`^${rate}(?:\s*/\s*${rate})?(?:\s+[^\s/].*)?$`, 'i');
/** ISO 8601 (W3C's profile, which WISPr names) with its separators or without, and with a blank for its T. */
const timeForm =
  /^(\d{4})(-?)(\d\d)\2(\d\d)[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d{1,9})?)?\s?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?$/i;

/**
 * `rx[/tx]` of Mikrotik-Rate-Limit in bits a second, seen from the router: rx is from the client. Units in either case,
 * fractions. Bursts are not used. Undefined for what cannot be read.
 */
export function ratePair(text: string): readonly [up: number, down: number] | undefined {
  const [, rx, tx] = rateForm.exec(text.trim()) ?? [];
  return rx === undefined ? undefined : [rateOf(rx), rateOf(tx ?? rx)];
}

function rateOf(text: string): number {
  const unit = { k: 1e3, m: 1e6, g: 1e9 }[text.at(-1)!.toLowerCase()] ?? 1;
  return Math.round(Number.parseFloat(text) * unit);
}

/**
 * WISPr-Session-Terminate-Time in ms since 1970; without a zone it is the router's own time. Undefined for what cannot
 * be read.
 */
export function timeOf(text: string): number | undefined {
  const [found, year, , month, day, hour, minute, second = '00', utc, zone, zoneMinute = '00'] =
    timeForm.exec(text.trim()) ?? [];
  const offset = utc ?? (zone === undefined ? '' : `${zone}:${zoneMinute}`);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}${offset.toUpperCase()}`;
  // A number alone is no time, though Date.parse finds one in it.
  const given = /[^\d\s]/.test(text) ? text : '';
  const time = Date.parse(found === undefined ? given : iso);
  return Number.isNaN(time) ? undefined : time;
}
