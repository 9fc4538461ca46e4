import type { Refusal } from '../../ports/result.js';
import type { Reply } from '../../ports/web.js';

/** A longer header is not read; the server takes no longer one either. */
const longest = 8192;

/** What a wallet needs to pay in one way: x402 v2 payment requirements. */
export type Requirements = Readonly<Record<string, unknown>>;

/** What of a payment is read here; its scheme reads the rest. */
export interface Payment {
  /** The header as it came. */
  readonly header: string;
  /** The requirements that the wallet chose. */
  readonly accepted: Requirements;
  /** What the wallet's scheme made. */
  readonly inner: Readonly<Record<string, unknown>>;
}

/** What was asked for, and every way to pay for it. */
export interface Demand {
  readonly url: string;
  readonly description: string;
  readonly accepts: readonly Requirements[];
}

/** Reads `PAYMENT-SIGNATURE`; undefined for what is no x402 v2 `PaymentPayload` in base64. */
export function paymentOf(header: string): Payment | undefined {
  const whole = objectOf(decoded(header));
  const [accepted, inner] = [objectOf(whole?.accepted), objectOf(whole?.payload)];
  if (whole?.x402Version !== 2 || !accepted || !inner) return undefined;
  return { header, accepted, inner };
}

/** The way that the wallet chose, among those that are there. Sums and payees are its scheme's to compare. */
export function isChosen({ accepted }: Payment, offered: Requirements): boolean {
  return ['scheme', 'network', 'asset'].every((name) => word(accepted[name]) === word(offered[name]));
}

/** `402 Payment Required`, with why a payment that came was not taken. */
export function demandReply({ url, description, accepts }: Demand, refusal?: Refusal): Reply {
  const resource = { url, description, mimeType: 'application/json' };
  const required = { x402Version: 2, error: refusal?.code ?? 'payment required', resource, accepts };
  const headers = { 'PAYMENT-REQUIRED': encoded(required) };
  return json(402, refusal ? errorOf(refusal) : required, headers);
}

/** What `PAYMENT-RESPONSE` says. */
export interface Settled {
  readonly success: boolean;
  readonly errorReason?: string;
  readonly payer?: string;
  /** Empty where there is none. */
  readonly transaction: string;
  readonly network: string;
}

export function settledHeader(settled: Settled): Record<string, string> {
  return { 'PAYMENT-RESPONSE': encoded(settled) };
}

/** A refusal as the ubus object says it. */
export function errorOf({ code, message }: Refusal): object {
  return { error: { code, message } };
}

export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  const type = { 'Content-Type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: `${JSON.stringify(body)}\n` };
}

function decoded(text: string): unknown {
  if (text.length > longest || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

/** Wallets write accounts in capitals and small letters. */
function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
