// What a Lightning invoice says of its amount (BOLT 11).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { amountOf, isFor } from '../../../src/payments/cashu/bolt11.js';

/** The rest of an invoice: it is not looked at. */
const rest = `1${'pvjluezpp5'.repeat(4)}`;

test('each way to write an amount is read exactly, in either case', () => {
  const cases: [string, bigint | undefined][] = [
    ['lnbc2500u', 250_000_000n],
    ['lnbc20m', 2_000_000_000n],
    ['lnbc100n', 10_000n],
    ['lnbc9678785340p', 967_878_534n],
    ['lnbc1', 100_000_000_000n],
    ['lntb20m', 2_000_000_000n],
    ['lnbcrt10u', 1_000_000n],
    ['LNBC2500U', 250_000_000n],
    ['lnbc', undefined],
    ['lnbc1p', undefined],
    ['lnbc2500x', undefined],
    ['lnxx2500u', undefined],
    ['lnbc-5u', undefined],
    ['lnBC2500u', undefined],
  ];
  for (const [head, msat] of cases) {
    const written = head === head.toUpperCase() ? `${head}${rest}`.toUpperCase() : `${head}${rest}`;
    assert.is(amountOf(written), msat, head);
  }
  for (const text of ['', 'lnbc2500u', 'lnbc2500u1', 'https://example.net']) {
    assert.is(amountOf(text), undefined, text);
  }
});

test('an invoice over more, less, or parts of a satoshi is not for the price', () => {
  assert.ok(isFor(`lnbc100n${rest}`, 10));
  for (const head of ['lnbc99n', 'lnbc101n', 'lnbc1000n', 'lnbc100001p', 'lnbc']) {
    assert.not.ok(isFor(`${head}${rest}`, 10), head);
  }
});

test.run();
