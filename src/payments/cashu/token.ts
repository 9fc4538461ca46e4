import { createHash } from 'node:crypto';
import { refuse } from '../../domain/refuse.js';
import type { Result } from '../../ports/result.js';
import { headOf } from './ecash.js';
import type { MintPlace } from './section.js';

/** Letters of the longest token that is read. */
const longestToken = 64 * 1024;
/** Proofs of the largest token: a mint takes no more at once. */
const mostProofs = 200;

/** A token that one of the configured mints has issued, as far as it can be read without asking that mint. */
export interface TokenRead {
  /** Names its proofs, however they are written down: the same money has the same id. */
  readonly id: string;
  readonly text: string;
  readonly place: MintPlace;
  readonly value: number;
}

/** Reads the `token` of a payment. */
export function readToken(given: unknown, mints: readonly MintPlace[]): Result<TokenRead> {
  if (typeof given !== 'string') return refuse('bad_payment', 'payment.token is missing');
  const text = given.replace(/\s+/g, '');
  const head = text.length <= longestToken ? headIn(text) : undefined;
  if (!head || head.secrets.length === 0) return refuse('bad_payment', 'payment.token is no Cashu token');
  const { secrets, amounts } = head;
  if (secrets.length > mostProofs) {
    return refuse('bad_payment', `the token has more than ${mostProofs} coins: swap it for a smaller one`);
  }
  const areAmounts = amounts.every((amount) => Number.isSafeInteger(amount) && amount > 0);
  const value = amounts.reduce((sum, amount) => sum + amount, 0);
  if (new Set(secrets).size < secrets.length || !areAmounts || !Number.isSafeInteger(value)) {
    return refuse('bad_payment', 'the token has a coin twice, or one of an odd amount');
  }
  const atMint = mints.filter(({ url }) => mintUrl(url) === mintUrl(head.mint));
  if (atMint.length === 0) {
    return refuse('foreign_mint', `the token is of another mint; it must be of ${names(mints)}`);
  }
  const place = atMint.find(({ unit }) => unit === head.unit);
  if (!place)
    return refuse('foreign_mint', `the token must be in ${atMint.map(({ unit }) => unit).join(' or ')}`);
  if (secrets.some(isLocked)) {
    return refuse('payment_locked', 'the token is locked to a key: send one that whoever holds it can spend');
  }
  const id = createHash('sha256')
    .update([...secrets].sort().join('\n'))
    .digest('hex')
    .slice(0, 32);
  return { ok: true, value: { id, text, place, value } };
}

/** The address of a mint as it is compared: without a slash at the end, its host in small letters. */
export function mintUrl(text: string): string | undefined {
  try {
    const { protocol, host, pathname, search, hash, username, password } = new URL(text);
    if (!/^https?:$/.test(protocol) || search || hash || username || password) return undefined;
    return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
  } catch {
    return undefined;
  }
}

/** A secret with a condition is JSON, `[kind, {...}]`; all others are random text (NUT-10). */
function isLocked(secret: string): boolean {
  if (!/^\s*\[/.test(secret)) return false;
  try {
    return Array.isArray(JSON.parse(secret));
  } catch {
    return false;
  }
}

function headIn(text: string): ReturnType<typeof headOf> | undefined {
  try {
    return headOf(text);
  } catch {
    return undefined;
  }
}

function names(mints: readonly MintPlace[]): string {
  return [...new Set(mints.map(({ url }) => url))].join(' or ');
}
