// What is no fault, and what hardly anybody wants.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gateway, load } from './load.js';

const plan = (id: string, ...prices: string[]) =>
  `config plan '${id}'\n\toption metric 'bytes'\n\toption step '1 MB'\n${prices.map((one) => `\tlist price '${one}'\n`).join('')}`;
const cash = (currency: string) => `config method 'cash'\n\tlist currency '${currency}'\n`;
const warnings = (text: string) => load(gateway + text).warnings.map(({ code, name }) => `${code} ${name}`);

test('a shop whose cash changed its currency hears that nobody can pay, and that cash is of no use', () => {
  assert.equal(warnings(plan('hour', '0.50 USD') + cash('USD 2')), []);
  const changed = plan('hour', '0.50 USD') + cash('EUR 2');
  assert.equal(warnings(changed), ['nobody_pays hour', 'unused_method cash']);
  assert.equal(
    load(gateway + changed).warnings.map(({ message }) => message),
    ["plan 'hour': nobody can pay: no payment method takes USD", "method 'cash': no plan has a price in EUR"],
  );
});

test('one currency of several is enough', () => {
  assert.equal(warnings(plan('hour', '0.50 USD', '0.40 EUR') + cash('EUR 2')), []);
});

test('a plan without a price is for grants, and a free one for nothing', () => {
  const free = `${plan('free', '0 USD')}\toption free_per_day '1'\n`;
  assert.equal(warnings(plan('gift') + free), []);
  assert.equal(warnings(`${plan('gift')}${cash('USD 2')}`), [], 'nothing is sold at all');
});

test.run();
