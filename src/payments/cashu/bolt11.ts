/** Thousandths of a satoshi in a bitcoin. */
const msatOfBitcoin = 100_000_000_000n;
/** What one of each letter is worth as a part of a bitcoin (BOLT 11): milli, micro, nano, pico. */
const parts: Readonly<Record<string, bigint>> = {
  '': 1n,
  m: 1_000n,
  u: 1_000_000n,
  n: 1_000_000_000n,
  p: 1_000_000_000_000n,
};
/** Networks of Bitcoin: the real one, and those for tests. The longest invoice that is read has 2,000 letters. */
const form = /^ln(?:bcrt|tbs|bc|tb|sb)(\d{1,15})([munp]?)1[02-9ac-hj-np-z]{20,2000}$/;

/**
 * The amount that a Lightning invoice is for, in thousandths of a satoshi, from the part that people can read (BOLT 11).
 * Nothing else of it is looked at. Undefined for what is no invoice, or one without an amount.
 */
export function amountOf(invoice: string): bigint | undefined {
  const isOneCase = invoice === invoice.toLowerCase() || invoice === invoice.toUpperCase();
  const [, digits, letter] = (isOneCase && form.exec(invoice.toLowerCase())) || [];
  if (digits === undefined || letter === undefined) return undefined;
  const whole = BigInt(digits) * msatOfBitcoin;
  const part = parts[letter]!;
  return whole % part === 0n ? whole / part : undefined;
}

/** The invoice is for exactly so many satoshis. */
export function isFor(invoice: string, sats: number): boolean {
  return amountOf(invoice) === BigInt(sats) * 1000n;
}
