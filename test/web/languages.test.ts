// What the pages say in each language.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { languages } from '../../src/config/web.js';
import { en } from '../../src/web/languages/en.js';
import { languageFor, languageNames, textIn } from '../../src/web/locales.js';
import { knownCodes, refusalText } from '../../src/web/refusals.js';
import type { Sentence } from '../../src/web/text.js';

const sentences = Object.keys(en) as Sentence[];
const gapsOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();

test('every language says every sentence, with the same gaps, and not in English', async () => {
  assert.equal(Object.entries(languageNames), Object.entries(languages));
  for (const language of Object.keys(languageNames)) {
    const text = await textIn(language);
    assert.is(text.language, language);
    let same = 0;
    for (const sentence of sentences) {
      const said = text.say(sentence);
      assert.equal(gapsOf(said), gapsOf(en[sentence]), `${language} ${sentence}`);
      assert.ok(said.trim() === said && said !== '', `${language} ${sentence}`);
      if (said === en[sentence]) same += 1;
    }
    assert.ok(language === 'en' || same <= 3, `${language}: ${same} sentences in English`);
  }
});

test('a language that cannot be loaded is English for now, and there as soon as it can be', async () => {
  const { language } = await textIn('tlh', { tlh: () => Promise.reject(new Error('EMFILE')) });
  assert.is(language, 'en');
  assert.is((await textIn('tlh', { tlh: async () => en })).language, 'tlh');
});

test('a reader gets the language that they prefer, and can choose another', () => {
  const all = Object.keys(languageNames);
  const cases: [string | undefined, string][] = [
    ['de-CH,de;q=0.9,en;q=0.8', 'de'],
    ['pt-PT', 'pt-BR'],
    ['zh-CN,zh;q=0.9', 'zh-Hans'],
    ['xx,fr;q=0.3,es;q=0.7', 'es'],
    ['ru;q=0,id', 'id'],
    ['*', 'en'],
    [undefined, 'en'],
    [',;q=,--', 'en'],
  ];
  for (const [accepted, language] of cases) assert.is(languageFor(all, null, accepted), language, accepted);
  assert.is(languageFor(all, 'ar', 'de'), 'ar');
  assert.is(languageFor(all, 'nothing', 'de'), 'de');
  assert.is(languageFor(['sw', 'en'], null, 'ja'), 'sw', 'the first one that the owner offers');
});

test('sizes, times, speeds and money have the form of the language, and never say more than there is', async () => {
  const [english, german] = await Promise.all([textIn('en'), textIn('de')]);
  assert.is(english.bytes(1_999_999_999), '1.99 GB');
  assert.is(english.bytes(999), '999 byte');
  assert.is(german.bytes(9_560_000), '9,56 MB');
  assert.is(english.span(7_512_999), '2 hr 5 min');
  assert.is(english.span(59_999), '59 sec');
  assert.is(english.span(0), '0 sec');
  assert.is(english.span(86_400_000), '1 day');
  const money = (amount: bigint, currency: string, decimals: number) => ({ amount, currency, decimals });
  assert.is(english.money(money(1_250n, 'USD', 2)), '$12.50');
  assert.is(english.money(money(1_234_567n, 'USDC', 6)), '1.234567 USDC');
  assert.match(german.money(money(1_250n, 'EUR', 2)), /^12,50\s€$/);
});

test('a sentence that ends in a unit ends in one full stop', async () => {
  const german = await textIn('de');
  assert.is(german.say('order_until', { time: german.span(3_600_000) }), 'Bezahlen Sie innerhalb von 1 Std.');
  const english = await textIn('en');
  assert.is(english.say('order_until', { time: english.span(3_600_000) }), 'Pay within 1 hr.');
});

test('every refusal is put into the customer’s words, without the code and without what owners are told', async () => {
  const text = await textIn('en');
  for (const code of [...knownCodes, 'a_new_one']) {
    const said = refusalText({ ok: false, code, message: 'for the owner' }, text, 0);
    assert.not.match(said, code);
    assert.is(said.includes('for the owner'), code === 'login_rejected', code);
    assert.not.match(said, /[{}]/);
  }
  const wait = refusalText({ ok: false, code: 'too_many_attempts', message: '', next: 61_000 }, text, 1_000);
  assert.is(wait, 'Too many wrong tries. Try again in 1 min.');
});

test.run();
