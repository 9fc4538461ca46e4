// Which coins of the purse pay for steps.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coinsFor } from '../../../src/payments/cashu/coins.js';

const coinsOf = (...amounts: number[]) =>
  amounts.map((amount, at) => ({ id: 'k', amount, secret: `${at}`, C: '' }));
const want = { place: 'm', unit: 'sat', stepPrice: 10, least: 1, most: 5 };
const free = () => 0;
const amountsOf = (...found: Parameters<typeof coinsFor>) => coinsFor(...found)?.map(({ amount }) => amount);

test('as many steps as there are coins for, paid exactly', () => {
  assert.equal(amountsOf(coinsOf(2, 8, 32, 64, 8), want, free), [32, 8, 8, 2]);
  assert.equal(amountsOf(coinsOf(16, 4, 64), want, free), [16, 4]);
});

test('the mint’s fee is paid on top', () => {
  const found = coinsFor(coinsOf(1, 1, 2, 8, 32, 16), { ...want, most: 1 }, (coins) =>
    coins.length > 2 ? 2 : 1,
  );
  assert.is(
    found?.reduce((sum, { amount }) => sum + amount, 0),
    12,
  );
});

test('less than one step is given away where no coins fit, and never more', () => {
  assert.equal(amountsOf(coinsOf(64), { ...want, most: 6 }, free), [64]);
  assert.is(coinsFor(coinsOf(64), want, free), undefined);
  assert.is(coinsFor(coinsOf(8), want, free), undefined);
  assert.is(coinsFor([], want, free), undefined);
});

test.run();
