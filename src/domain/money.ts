/** An amount in the smallest unit of a currency (cents of USD, 10^-6 of USDC). Always bigint; a decimal string on every wire. */
export interface Money {
  readonly currency: string;
  /** Digits behind the point: 2 for USD, 6 for USDC. */
  readonly decimals: number;
  readonly amount: bigint;
}

/** {@link Money} as it is stored and sent: the amount is a decimal string, for tokens outgrow 64 bits. */
export interface PlainMoney {
  readonly currency: string;
  readonly decimals: number;
  readonly amount: string;
}
/** A decimal number as it was written, before a payment method says how many decimals its currency has. */
export interface Price {
  readonly currency: string;
  /** `digits` / 10^`scale`: `0.50` is 50 / 10^2. */
  readonly digits: bigint;
  readonly scale: number;
}

/** Longest decimal number taken from outside, in digits: more than any token can hold (2^256 has 78). */
const maxDigits = 78;
const decimal = /^(\d+)(?:\.(\d+))?$/;
const currencyForm = /^[A-Z][A-Z0-9]{1,11}$/;

/** True for a currency code: 2 to 12 capital letters and digits, a letter first. */
export function isCurrency(text: string): boolean {
  return currencyForm.test(text);
}

/** Reads `0.50 USD`; undefined for signs, exponents, missing digits or an odd currency. */
export function parsePrice(text: string): Price | undefined {
  const [number, currency, ...rest] = text.trim().split(/\s+/);
  if (number === undefined || currency === undefined || rest.length > 0 || !isCurrency(currency))
    return undefined;
  const match = decimal.exec(number);
  if (!match || number.length > maxDigits) return undefined;
  const fraction = match[2] ?? '';
  return { currency, digits: BigInt(match[1]! + fraction), scale: fraction.length };
}

/** The price in the smallest unit, or undefined when it has more digits than the currency and would have to be rounded. */
export function priceInUnits(price: Price, decimals: number): Money | undefined {
  const { currency, digits, scale } = price;
  if (scale <= decimals) return { currency, decimals, amount: digits * 10n ** BigInt(decimals - scale) };
  const step = 10n ** BigInt(scale - decimals);
  return digits % step === 0n ? { currency, decimals, amount: digits / step } : undefined;
}

/** Reads a decimal string into the smallest unit; undefined when it is no plain number or has too many decimals. */
export function parseAmount(text: string, currency: string, decimals: number): Money | undefined {
  const price = parsePrice(`${text} ${currency}`);
  return price && priceInUnits(price, decimals);
}

/** `1250n` with 2 decimals is `12.50`: every decimal of the currency, no currency code. */
export function formatAmount(money: Money): string {
  const { amount, decimals } = money;
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The sum of two amounts of one currency, with as many decimals as the finer one of them has. */
export function addMoney(a: Money, b: Money): Money {
  const { currency } = a;
  if (a.decimals === b.decimals) return { currency, decimals: a.decimals, amount: a.amount + b.amount };
  const decimals = Math.max(a.decimals, b.decimals);
  const scaled = (money: Money) => money.amount * 10n ** BigInt(decimals - money.decimals);
  return { currency, decimals, amount: scaled(a) + scaled(b) };
}

/** The same amount, to be taken away. */
export function negative(money: Money): Money {
  return { ...money, amount: -money.amount };
}

/** Money as the journal keeps it. */
export function plainMoney(money: Money): PlainMoney {
  return { ...money, amount: money.amount.toString() };
}

/** The inverse of {@link plainMoney}. */
export function moneyOf({ currency, decimals, amount }: PlainMoney): Money {
  return { currency, decimals, amount: BigInt(amount) };
}
