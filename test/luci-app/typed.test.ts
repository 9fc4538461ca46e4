// Numbers and prices as an owner types them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

const typed = evaluate('turnpike/typed.js', {}) as {
  number(text: string): string | null;
  price(text: string, codes: readonly string[]): string | null;
  doubtOf(text: string): string | undefined;
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

test('digits of other scripts are digits', () => {
  const read = { '١٠': '10', '۱۲٫۵': '12.5', '१०': '10', '１００': '100', '١٬٠٠٠': '1000', '১.৫': '1.5' };
  for (const [text, number] of Object.entries(read)) assert.is(typed.number(text), number, text);
  assert.is(typed.price('٠٫٥٠ USD', ['USD']), '0.50 USD');
});

test('an amount that is one or a thousand is named, with the way to write it', () => {
  for (const text of ['1,000 USD', '$1,000', '1,000', 'USD 1,000', '١,٠٠٠ USD'])
    assert.match(typed.doubtOf(text) ?? '', /^1,000 can be read in two ways/, text);
  for (const text of ['0,125 USD', '1,000,000', '1,50', '1,000.5', 'about 3', ''])
    assert.is(typed.doubtOf(text), undefined, text);
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
  'turnpike.typed': typed,
  'turnpike.units': units,
  form: { Value: { extend: () => ({}) } },
}) as { describe(options: object): string[]; faultOf(text: string): string };

test('a plan whose steps the file has wrong is told of, and its page is drawn', () => {
  const plan = { metric: 'bytes', step: '10 MB', price: ['0.05 USD'], max_steps: '10.5' };
  assert.equal(offer.describe(plan), ['The number of steps has to be whole.']);
});

test('a price with a thousand that may be one is no price without an amount', () => {
  const plan = { metric: 'bytes', step: '10 MB', price: ['1,000 USD'] };
  assert.match(offer.describe(plan)[0]!, /^1,000 can be read in two ways/);
  assert.match(offer.faultOf('about 3'), /such as 0\.50 USD/);
});

test.run();
