// Numbers, sizes, times and money in the form of each language, without the runtime's data of languages.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Figures } from '../../src/web/figures.js';
import { cldr } from '../../src/web/figures-table.js';
import { languageNames } from '../../src/web/locales.js';

const languages = Object.keys(languageNames);
const units = [
  ...['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'day', 'hour', 'minute', 'second'],
  ...['kilobit-per-second', 'megabit-per-second'],
];
const isTime = (place: number) => place >= 5 && place < 9;
/** A form can be compared where this Node.js has the CLDR from which the tables are. */
const isSame = process.versions.cldr === cldr && process.versions.icu !== undefined;
const money = (currency: string, amount: bigint, decimals: number) => ({ currency, amount, decimals });
/** What an owner may sell for, and more, with what the amount is as a decimal. */
const amounts = [
  [0n, 2, '0.00'],
  [1n, 2, '0.01'],
  [5n, 1, '0.5'],
  [3n, 0, '3'],
  [1_250n, 2, '12.50'],
  [99_999n, 2, '999.99'],
  [123_456n, 2, '1234.56'],
  [1_234_567n, 2, '12345.67'],
  [123_456_789_012n, 2, '1234567890.12'],
  [1_235n, 3, '1.235'],
  [1_245n, 3, '1.245'],
  [999_999_999n, 6, '999.999999'],
] as const;

/** The same as `Intl` has it. */
function asked(language: string, options: Intl.NumberFormatOptions, value: number | string): string {
  return new Intl.NumberFormat(language, options).format(value as number);
}

test('the tables write what CLDR says, for every unit and every language', () => {
  for (const language of isSame ? languages : []) {
    const figures = new Figures(language);
    for (const [place, unit] of units.entries()) {
      const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
      const parts = isTime(place) ? [] : [0.01, 0.5, 1.25, 1.5, 2.1, 9.99, 11.5, 99.9, 1_234.5];
      const whole = Array.from({ length: 1_300 }, (_, n) => n);
      for (const n of [...whole, ...parts, 10_000, 99_999, 123_456])
        assert.is(figures.unit(n, place), format.format(n), `${language} ${n} ${unit}`);
    }
  }
});

test('money of every state has the sign, the digits and the place that CLDR says, in every language', () => {
  for (const language of isSame ? languages : []) {
    const figures = new Figures(language);
    for (const currency of Intl.supportedValuesOf('currency')) {
      const format = new Intl.NumberFormat(language, { style: 'currency', currency });
      for (const [amount, decimals, text] of amounts) {
        const said = figures.money(money(currency, amount, decimals));
        assert.is(said, format.format(text as unknown as number), `${language} ${text} ${currency}`);
      }
    }
  }
});

test('tokens stand behind their amount, with every decimal that says something', () => {
  const cases = [
    [0n, 6, '0'],
    [1_234_567n, 6, '1.234567'],
    [1_500_000n, 6, '1.5'],
    [12n, 0, '12'],
    [123_456n, 1, '12345.6'],
    [1n, 18, '0.000000000000000001'],
  ] as const;
  for (const language of isSame ? languages : []) {
    const figures = new Figures(language);
    for (const [amount, decimals, text] of cases) {
      const options = { minimumFractionDigits: Math.min(2, decimals), maximumFractionDigits: decimals };
      const said = `${asked(language, options, text)} USDC`;
      assert.is(figures.money(money('USDC', amount, decimals)), said, `${language} ${text}`);
    }
  }
});

test('what a customer reads does not follow from what their router’s Node.js knows of languages', () => {
  const said = (language: string) => {
    const figures = new Figures(language);
    const price = figures.money(money('USD', 123_456n, 2));
    return [price, figures.unit(9.56, 2), figures.unit(2, 5)]
      .map((text) => text.replace(/\s/g, ' '))
      .join('; ');
  };
  assert.is(said('en'), '$1,234.56; 9.56 MB; 2 days');
  assert.is(said('de'), '1.234,56 $; 9,56 MB; 2 Tg.');
  assert.is(said('fr'), '1 234,56 $US; 9,56 Mo; 2 j');
  assert.is(said('es'), '1234,56 US$; 9,56 MB; 2 d');
  assert.is(said('pt-BR'), 'US$ 1.234,56; 9,56 MB; 2 dias');
  assert.is(said('ru'), '1 234,56 $; 9,56 МБ; 2 дн.');
  assert.is(said('zh-Hans'), 'US$1,234.56; 9.56 MB; 2天');
  assert.is(said('hi'), '$1,234.56; 9.56 MB; 2 दिन');
  assert.is(said('ar'), '\u200f1,234.56 US$; 9.56 م.ب; يومان');
  assert.is(said('sw'), 'US$ 1,234.56; MB 9.56; siku 2');
  assert.is(said('id'), 'US$1.234,56; 9,56 MB; 2 hr');
  assert.is(new Figures('en').money(money('SAT', 12n, 0)), '12 SAT');
  assert.is(new Figures('hi').money(money('INR', 123_456_700n, 2)), '₹12,34,567.00');
});

test.run();
