// Numbers and prices as an owner types them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

const typed = evaluate('turnpike/typed.js', {}) as {
  number(text: string): string | null;
  price(text: string, codes: readonly string[]): string | null;
};

test('a number is read as its writer means it, and not at all where it may be two', () => {
  const read = {
    ...{ '10': '10', '1.5': '1.5', '1,5': '1.5', '0,125': '0.125', '1 000': '1000' },
    ...{ '1,000,000': '1000000', '1.234,5': '1234.5', '1,234.5': '1234.5', '2’500.5': '2500.5' },
  };
  for (const [text, number] of Object.entries(read)) assert.is(typed.number(text), number, text);
  for (const text of ['1,000', '', 'x', '1,2,3', '1.2.3,4', '1,', '-1', '1,23,456.5']) {
    assert.is(typed.number(text), null, text);
  }
});

test('a price with a comma, a sign or no currency is understood where one reading is possible', () => {
  const one = ['USD'];
  for (const text of [
    '0.10 USD',
    '0,10 USD',
    '0.10',
    '0,10',
    '$0.10',
    '$ 0.10',
    '0.10$',
    'USD 0.10',
    '0.10 usd',
    '0,10USD',
  ]) {
    assert.is(typed.price(text, one), '0.10 USD', text);
  }
  assert.is(typed.price('€ 1,50', ['USD', 'EUR']), '1.50 EUR');
});

test('a price that may be in two currencies is not guessed', () => {
  for (const text of ['0.10', '£0.10', 'about 3', '1,000', '', '$1 USD']) {
    assert.is(typed.price(text, ['USD', 'EUR']), null, text);
  }
  assert.is(typed.price('$1', ['USD', 'CAD']), null);
});

const units = evaluate('turnpike/units.js', {});
const offer = evaluate('turnpike/offer.js', {
  'turnpike.units': units,
  form: { Value: { extend: () => ({}) } },
}) as { describe(options: object): string[] };

test('a plan whose steps the file has wrong is told of, and its page is drawn', () => {
  const plan = { metric: 'bytes', step: '10 MB', price: ['0.05 USD'], max_steps: '10.5' };
  assert.equal(offer.describe(plan), ['The number of steps has to be whole.']);
});

test.run();
