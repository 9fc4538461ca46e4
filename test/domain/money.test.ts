import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAmount, parseAmount, parsePrice, priceInUnits } from '../../src/domain/money.js';
import fc from '../rig/properties.js';

test('an amount round-trips through its decimal string', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 40n }),
      fc.integer({ min: 0, max: 18 }),
      (amount, decimals) => {
        const money = { currency: 'USDC', decimals, amount };
        assert.equal(parseAmount(formatAmount(money), 'USDC', decimals), money);
      },
    ),
  );
});

test('a price is never rounded to fit a currency', () => {
  assert.equal(priceInUnits(parsePrice('0.50 USD')!, 2)?.amount, 50n);
  assert.equal(priceInUnits(parsePrice('0.5 USDC')!, 6)?.amount, 500_000n);
  assert.equal(priceInUnits(parsePrice('0.500 USD')!, 2)?.amount, 50n);
  assert.is(priceInUnits(parsePrice('0.505 USD')!, 2), undefined);
  assert.equal(priceInUnits(parsePrice('7 JPY')!, 0)?.amount, 7n);
});

test('what is no plain decimal number with a currency is no price', () => {
  for (const text of [
    '',
    '1',
    'USD',
    '-1 USD',
    '1. USD',
    '.5 USD',
    '1e3 USD',
    '0x1 USD',
    '1 usd',
    '1 USD x',
    '1,5 USD',
  ]) {
    assert.is(parsePrice(text), undefined, text);
  }
  assert.is(parsePrice(`${'9'.repeat(79)} USD`), undefined);
});

test('negative amounts, as in statistics, keep their decimals', () => {
  assert.is(formatAmount({ currency: 'USD', decimals: 2, amount: -5n }), '-0.05');
  assert.is(formatAmount({ currency: 'JPY', decimals: 0, amount: -5n }), '-5');
});

test.run();
