// Who has the mint's money, counted from the proofs themselves.
import { strict as assert } from 'node:assert';
import type { Proof } from '../../../src/payments/cashu/ecash.js';
import type { Entry } from '../../../src/payments/cashu/entry.js';
import { proofsFor } from '../../../src/payments/cashu/entry.js';
import type { CashuShop } from './shop.js';

/**
 * Holds that what the mint owes is with the customers or in the purse, each proof with one of them, and that what the
 * seller has is what was sold.
 * @param others proofs that customers and the owner have outside of the purse
 */
export function checkSums(
  shop: CashuShop,
  { customers, owner }: { customers: Proof[]; owner: Proof[] },
): void {
  const entries = [...shop.safe.kept.values()] as Entry[];
  const inPurse = (whose: 'open' | 'seller' | 'customer') =>
    entries.flatMap((entry) => proofsFor(entry, whose));
  const theirs = [...customers, ...inPurse('customer')].filter((proof) => !shop.mint.isSpent(proof));
  const sellers = [...owner, ...inPurse('open'), ...inPurse('seller')];
  assert.ok(shop.mint.areGood(sellers), 'the seller’s money is good');
  const by = new Map([...theirs, ...sellers].map((proof) => [proof.secret, proof.amount]));
  const sellersSecrets = new Set(sellers.map(({ secret }) => secret));
  assert.equal(sellersSecrets.size, sellers.length, 'none is kept twice');
  assert.ok(
    !theirs.some(({ secret }) => sellersSecrets.has(secret)),
    'none is the customer’s and the seller’s',
  );
  const total = [...by.values()].reduce((sum, amount) => sum + amount, 0);
  assert.equal(total, shop.mint.outstanding, 'paid = kept + change + returned');
  let earned = 0n;
  for (const { lots, refunds } of shop.world.engine.accounts.book.all()) {
    for (const { funding } of lots) earned += funding.paid?.amount ?? 0n;
    for (const { money } of refunds) earned -= money.amount;
  }
  const kept = sellers.reduce((sum, { amount }) => sum + amount, 0);
  assert.equal(BigInt(kept), earned, 'the seller has what was sold');
}
