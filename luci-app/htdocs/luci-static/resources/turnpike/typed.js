'use strict';
'require baseclass';

// Numbers and prices as people type them.

const symbols = {
  $: ['USD', 'CAD', 'AUD', 'NZD', 'MXN', 'SGD', 'HKD'],
  '€': ['EUR'],
  '£': ['GBP'],
  '¥': ['JPY', 'CNY'],
  '₹': ['INR'],
  '₽': ['RUB'],
  '₦': ['NGN'],
  R$: ['BRL'],
  Rp: ['IDR'],
  KSh: ['KES'],
};

const twofold = _(
  '%s can be read in two ways: write a point before decimals and nothing between thousands, as in 1.5 or 1000.'
);

/** Digits of all scripts as those of English, and the marks that Arabic has of its own. */
function latin(text) {
  const isDigit = (code) => /\p{Nd}/u.test(String.fromCodePoint(code));
  const digit = (sign) => {
    const code = sign.codePointAt(0);
    let zero = code;
    while (zero > code - 9 && isDigit(zero - 1)) zero -= 1;
    return String(code - zero);
  };
  return String(text)
    .replace(/\p{Nd}/gu, digit)
    .replaceAll('٫', '.')
    .replaceAll('٬', "'");
}

/** A whole number in digits alone; NaN for what is none, as `1,5`, of which a browser's own field makes 15. */
function whole(text) {
  const digits = latin(text).trim();
  return /^\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN;
}

/** A sentence on an amount that is one or a thousand, such as `1,000`; nothing of any other. */
function doubtOf(text) {
  const [, amount] = /(?:^|[^\d.,])(\d{1,3},\d{3})(?![\d.,])/.exec(latin(text)) ?? [];
  return amount && number(amount) === null ? twofold.format(amount) : undefined;
}

/**
 * A decimal number with a point, or null where there is none or more than one reading: `1,5` is 1.5 and `1.234,5` is
 * 1234.5, and `1,000` may be one or a thousand.
 */
function number(text) {
  const plain = latin(text).replace(/[\s'’]/g, '');
  if (!/^\d[\d.,]*$/.test(plain)) return null;
  const marks = plain.replace(/\d/g, '');
  const last = marks.slice(-1);
  const isGrouped = (whole, mark) =>
    whole.split(mark).every((part, at) => (at === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(part));
  if (marks.length === 0) return plain;
  const at = plain.lastIndexOf(last);
  const [whole, rest] = [plain.slice(0, at), plain.slice(at + 1)];
  if (marks.length === 1) {
    if (rest === '' || (last === ',' && rest.length === 3 && !/^0+$/.test(whole))) return null;
    return `${whole}.${rest}`;
  }
  const first = marks[0];
  if (marks === first.repeat(marks.length))
    return isGrouped(plain, first) ? plain.split(first).join('') : null;
  const groups = marks.slice(0, -1);
  if (groups !== first.repeat(groups.length) || first === last || rest === '') return null;
  return isGrouped(whole, first) ? `${whole.split(first).join('')}.${rest}` : null;
}

/** `codes`: the currencies that are taken. What is not named is the only one; what is no price is null. */
function price(text, codes) {
  const match = /^(\D*?)\s*(\d[\d.,\s'’]*?)\s*([^\d.,\s'’]\S*)?$/.exec(latin(text).trim());
  if (!match) return null;
  const [, before, amount, behind = ''] = match;
  if (before && behind) return null;
  const sign = before || behind;
  const known = symbols[sign] ? codes.filter((code) => symbols[sign].includes(code)) : codes;
  const named = codes.includes(sign.toUpperCase());
  const code = named
    ? sign.toUpperCase()
    : (sign === '' || symbols[sign]) && known.length === 1
      ? known[0]
      : null;
  const exact = number(amount);
  return code && exact !== null ? [exact, code].join(' ') : null;
}

return baseclass.extend({ number, whole, price, doubtOf });
