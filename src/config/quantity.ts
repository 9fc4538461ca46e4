const form = /^(\d{1,15})(?:\.(\d{1,6}))?\s*([A-Za-z/]*)$/;

/** Units of data: decimal ones by thousands, binary ones (with an `i`) by 1024. */
const dataUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Units of time, in ms; a bare number is seconds. */
const timeUnits: Readonly<Record<string, number>> = {
  '': 1000,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Units of speed, in kbit/s; a bare number is that. */
const rateUnits: Readonly<Record<string, number>> = {
  '': 1,
  'kbit/s': 1,
  kbit: 1,
  'mbit/s': 1000,
  mbit: 1000,
  'gbit/s': 1_000_000,
  gbit: 1_000_000,
};

/** Bytes; undefined for what is no quantity of data, or no whole number of bytes. */
export function parseBytes(text: string): number | undefined {
  return parse(text, dataUnits);
}

/** Milliseconds; undefined for what is no span of time. */
export function parseSpan(text: string): number | undefined {
  return parse(text, timeUnits);
}

/** kbit/s; undefined for what is no speed. */
export function parseRate(text: string): number | undefined {
  return parse(text, rateUnits);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = form.exec(text.trim());
  const key = (match?.[3] ?? '').toLowerCase();
  const unit = Object.hasOwn(units, key) ? units[key] : undefined;
  if (!match || unit === undefined) return undefined;
  // In whole numbers: 1.1 GB is 1,100,000,000 bytes and not one less.
  const fraction = match[2] ?? '';
  const scaled = BigInt(match[1]! + fraction) * BigInt(unit);
  const divisor = 10n ** BigInt(fraction.length);
  const value = Number(scaled / divisor);
  return scaled % divisor === 0n && Number.isSafeInteger(value) ? value : undefined;
}
