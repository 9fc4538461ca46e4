'use strict';
'require baseclass';

// Quantities and money, as people read them and as /etc/config/turnpike has them.

const kinds = {
  data: {
    base: 'B',
    sizes: {
      kB: 1e3,
      MB: 1e6,
      GB: 1e9,
      TB: 1e12,
      B: 1,
      KiB: 1024,
      MiB: 1024 ** 2,
      GiB: 1024 ** 3,
      TiB: 1024 ** 4,
    },
    offered: ['MB', 'GB', 'MiB', 'GiB', 'kB'],
  },
  time: {
    base: 's',
    sizes: { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400, w: 604800 },
    offered: ['s', 'min', 'h', 'd'],
  },
  rate: {
    base: 'kbit/s',
    sizes: { 'kbit/s': 1, 'Mbit/s': 1e3, 'Gbit/s': 1e6, kbit: 1, Mbit: 1e3, Gbit: 1e6 },
    offered: ['kbit/s', 'Mbit/s'],
  },
};

const names = {
  B: _('bytes'),
  kB: _('kB'),
  MB: _('MB'),
  GB: _('GB'),
  TB: _('TB'),
  KiB: _('KiB'),
  MiB: _('MiB'),
  GiB: _('GiB'),
  TiB: _('TiB'),
  ms: _('milliseconds'),
  s: _('seconds'),
  min: _('minutes'),
  h: _('hours'),
  d: _('days'),
  w: _('weeks'),
  'kbit/s': _('kbit/s'),
  'Mbit/s': _('Mbit/s'),
  'Gbit/s': _('Gbit/s'),
};

/** Three digits that mean something: 3.25, 32.5, 325. */
function short(number) {
  return String(Number(number.toFixed(number < 10 ? 2 : number < 100 ? 1 : 0)));
}

function scaled(number, step, forms) {
  let at = 0;
  for (; at < forms.length - 1 && number >= step * 0.9995; at++) number /= step;
  return isolated(forms[at].format(short(number)));
}

const spans = [
  [86400, _('%d d'), _('%d d %d h'), 3600],
  [3600, _('%d h'), _('%d h %d min'), 60],
  [60, _('%d min'), _('%d min %d s'), 1],
];

/**
 * The language of dates and numbers: that of the page, as the reader's country writes it where the browser has it.
 * LuCI says `zh-cn` and `pt_br`, the browser `zh-CN` and `pt-BR`.
 */
function locale() {
  const page = (document.documentElement.lang || 'en').replace('_', '-');
  const language = (tag) => tag.toLowerCase().split('-')[0];
  const known = [...(navigator.languages ?? [])].find((tag) => language(tag) === language(page));
  return Intl.DateTimeFormat.supportedLocalesOf([known ?? page, 'en'].filter(isTag))[0];
}

/** A number beside its unit keeps their order in a sentence of a language that is written from the right. */
function isolated(text) {
  return /^(?:ar|fa|he|ur)\b/.test(document.documentElement.lang ?? '') ? `\u2066${text}\u2069` : text;
}

function isTag(text) {
  return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(text);
}

function digitsOf(amount) {
  const [whole, fraction = ''] = String(amount).split('.');
  return { value: BigInt(whole + fraction), scale: fraction.length };
}

return baseclass.extend({
  kinds,
  isolated,

  name: (unit) => names[unit] ?? unit,

  bytes: (number) => scaled(number, 1000, [_('%s B'), _('%s kB'), _('%s MB'), _('%s GB'), _('%s TB')]),

  /** From bits a second. */
  rate: (bits) => scaled(bits, 1000, [_('%s bit/s'), _('%s kbit/s'), _('%s Mbit/s'), _('%s Gbit/s')]),

  /** From seconds, in its two largest units. */
  span(seconds) {
    const total = Math.max(0, Math.floor(seconds));
    for (const [size, one, two, rest] of spans) {
      if (total < size) continue;
      const more = Math.floor((total % size) / rest);
      return more > 0 ? two.format(Math.floor(total / size), more) : one.format(Math.floor(total / size));
    }
    return _('%d s').format(total);
  },

  /** Reads `10 MB`, `90s` or `2 Mbit`; null for what is no quantity of this kind. */
  parse(kind, text) {
    const { base, sizes } = kinds[kind];
    const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z/]*)$/.exec(String(text ?? '').trim());
    if (!match) return null;
    const unit = Object.keys(sizes).find((id) => id.toLowerCase() === (match[2] || base).toLowerCase());
    if (unit === undefined) return null;
    const full = kind === 'rate' && !unit.endsWith('/s') ? '%s/s'.format(unit) : unit;
    return { number: match[1], unit: full, value: Number(match[1]) * sizes[unit] };
  },

  /** What somebody bought or has left, as a reply has it: `10 MB`, or `1 d, 1 GB`. */
  allotment({ bytes, up_bytes: up, down_bytes: down, seconds, valid_seconds: validity }) {
    const parts = [
      seconds !== undefined && this.span(seconds),
      bytes !== undefined && this.bytes(bytes),
      down !== undefined && _('%s down').format(this.bytes(down)),
      up !== undefined && _('%s up').format(this.bytes(up)),
      validity !== undefined && _('within %s').format(this.span(validity)),
    ];
    return parts.filter((part) => part !== false).join(', ');
  },

  /** A quantity of the configuration in words; what cannot be read stays as it is. */
  words(kind, text) {
    const quantity = this.parse(kind, text);
    if (!quantity) return String(text);
    if (kind === 'rate') return this.rate(quantity.value * 1000);
    return kind === 'data' ? this.bytes(quantity.value) : this.span(quantity.value);
  },

  /** `0.500000` is `0.50`: no zeros behind the cents. */
  amount: ({ amount }) => (/\.\d{3,}$/.test(amount) ? amount.replace(/(\.\d\d\d*?)0+$/, '$1') : amount),

  money(one) {
    return isolated('%s %s'.format(this.amount(one), one.currency));
  },

  /** Exact sums by currency, of `{ amount, currency }` in any number of decimals. */
  sum(list) {
    const sums = new Map();
    for (const { amount, currency } of list) {
      const one = digitsOf(amount);
      const before = sums.get(currency) ?? { value: 0n, scale: 0 };
      const scale = Math.max(one.scale, before.scale);
      const grown = ({ value, scale: had }) => value * 10n ** BigInt(scale - had);
      sums.set(currency, { value: grown(one) + grown(before), scale });
    }
    return Array.from(sums, ([currency, { value, scale }]) => {
      const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
      const whole = (value < 0n ? '-' : '') + digits.slice(0, digits.length - scale);
      return { currency, amount: scale > 0 ? `${whole}.${digits.slice(-scale)}` : whole };
    });
  },

  /** Several amounts on one line. */
  moneys(list) {
    return list.length > 0 ? list.map((one) => this.money(one)).join(', ') : '–';
  },

  locale,

  /** Unix seconds with the month as a word where days and months could be taken for each other. */
  time: (unix) => new Date(unix * 1000).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' }),

  /** The same without the time. */
  date: (unix) => new Date(unix * 1000).toLocaleDateString(locale(), { dateStyle: 'medium' }),
});
