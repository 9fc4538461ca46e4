// Writes how numbers, units and money are written in each language of the customers' page, from CLDR as this Node.js has it:
//   node page-figures.mjs
// The router has the outcome alone: CLDR would take 7 MB of its memory, and small builds of Node.js have none.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const languages = ['en', 'de', 'fr', 'es', 'pt-BR', 'ru', 'zh-Hans', 'hi', 'ar', 'sw', 'id'];
const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
const times = ['day', 'hour', 'minute', 'second'];
const rates = ['kilobit-per-second', 'megabit-per-second'];
const currencies = Intl.supportedValuesOf('currency');

/** Which numbers a form is for, as `Figures` knows them. */
const kinds = {
  1: (n) => n === 1,
  2: (n) => n === 2,
  i: (n) => n < 2,
  f: (n) => n % 100 > 2 && n % 100 < 11,
  m: (n) => n % 100 > 10,
};
const whole = [...Array(250).keys()];
const broken = [0.5, 1.5, 1.25, 2.5, 9.75, 11.5, 99.9];

/** What stands around the number. */
function around(format, n, part = () => undefined) {
  const isNumber = ({ type }) => ['integer', 'group', 'decimal', 'fraction'].includes(type);
  const texts = format.formatToParts(n).map((one) => part(one) ?? (isNumber(one) ? '#' : one.value));
  return texts.join('').replace(/#+/, '#');
}

/** The most frequent of some texts. */
function usual(texts) {
  const count = (text) => texts.filter((one) => one === text).length;
  return texts.toSorted((a, b) => count(b) - count(a))[0];
}

function formsOf(language, unit) {
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  // Times are counted in whole units.
  const samples = times.includes(unit) ? whole : [...whole, ...broken];
  const forms = samples.map((n) => around(format, n));
  const rest = forms[100];
  const others = [...new Set(forms)].filter((form) => form !== rest);
  return [
    rest,
    ...others.map((form) => {
      const kind = Object.keys(kinds).find((one) =>
        samples.every((n, at) => kinds[one](n) === (forms[at] === form)),
      );
      if (kind === undefined) throw new Error(`${language}: nobody knows when ${unit} is ${form}`);
      return kind + form;
    }),
  ];
}

function moneyOf(language, currency) {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency });
  const form = around(format, 1, ({ type, value }) => (type === 'currency' ? `¤${value}¤` : undefined));
  // A mark that says in which direction the sign runs belongs to it.
  const [before, sign, behind] = form.replace(/¤(\u200f?)$/, '$1¤').split('¤');
  return { currency, sign, form: `${before}¤${behind}` };
}

function numbersOf(language) {
  const parts = (n) => new Intl.NumberFormat(language).formatToParts(n);
  const value = (type) => parts(1_234_567.5).find((one) => one.type === type).value;
  const groups = parts(1_234_567).filter(({ type }) => type === 'integer');
  const least = parts(1_234).length > 1 ? 1 : 2;
  const rest = [groups.at(-2).value.length, least].join('').replace(/^31$/, '');
  return value('decimal') + value('group') + rest;
}

const digitsOf = (currency) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;

/** As it stands between quotes: what nobody sees is escaped. */
const quoted = (text) =>
  text.replace(/[\u00a0\u202f\u200f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The sign that most languages have for a currency; its code where they have none. */
function commonSigns(moneys) {
  return new Map(currencies.map((one, at) => [one, usual(moneys.map((money) => money[at].sign))]));
}

/** `EUR€`, of the signs that are not the code itself. */
function signTexts(signs, least) {
  return signs
    .filter(([code, sign]) => sign !== least(code))
    .map(([code, sign]) => code + (sign === code ? '' : sign));
}

function lineOf(language, money, common) {
  const forms = [...sizes, ...times, ...rates].map((unit) => {
    const [rest, ...others] = formsOf(language, unit);
    return [rest.replace(/^# /, ''), ...others].join('~');
  });
  const own = signTexts(
    money.map(({ currency, sign }) => [currency, sign]),
    (code) => common.get(code),
  );
  const { form } = money.find(({ currency }) => currency === 'EUR');
  return quoted([numbersOf(language), form, own.join(' '), ...forms].join('|'));
}

const moneys = languages.map((language) => currencies.map((currency) => moneyOf(language, currency)));
const common = commonSigns(moneys);
const lines = languages.map(
  (language, at) => `  '${language}': '${lineOf(language, moneys[at], common)}',\n`,
);
/** The first letter once for all that begin with it. */
const codes = currencies.map((one, at) => {
  const first = one[0] === currencies[at - 1]?.[0] ? '' : one[0];
  return first + one.slice(1).toLowerCase() + (digitsOf(one) === 2 ? '' : digitsOf(one));
});
const file = fileURLToPath(new URL('src/web/figures-table.ts', import.meta.url));
writeFileSync(
  file,
  `// Made by page-figures.mjs from CLDR ${process.versions.cldr}.

/** The version of CLDR that this is from. */
export const cldr = '${process.versions.cldr}';

/** Currencies of states by their first letter, each with its digits behind the point where these are not two. */
export const currencies =
  '${codes.join('')}';

/** Signs of currencies in most languages. */
export const signs = '${quoted(signTexts([...common], (code) => code).join(' '))}';

/** By language: see \`Figures\`. */
export const tables: Readonly<Record<string, string>> = {
${lines.join('')}};
`,
);
