import { endpoint } from './endpoint.js';
import { choice, flag, kindOf, path, text } from './kind.js';
import { list, option } from './option.js';
import { type ConfigOf, section } from './section.js';

/** Languages of the pages, as RFC 5646 writes them, with their own names. */
export const languages = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
  ru: 'Русский',
  'zh-Hans': '简体中文',
  hi: 'हिन्दी',
  ar: 'العربية',
  sw: 'Kiswahili',
  id: 'Bahasa Indonesia',
} as const;

const line = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const address = kindOf('an address of http or https', (given) =>
  /^https?:\/\/[^\s/?#@]+(?:[/?#]\S{0,400})?$/.test(given) && URL.canParse(given) ? given : undefined,
);
const colour = kindOf('a colour such as #0a7d55', (given) =>
  /^#[0-9a-f]{6}$/i.test(given) ? given.toLowerCase() : undefined,
);

/** `config web 'web'`: the customers' page. */
export const web = section({
  type: 'web',
  name: 'web',
  about:
    'The page that customers see: prices, vouchers, what is left. `page_port` of the daemon says at which port, and ' +
    '`turnpike setup` opens it to those who have not paid. Nothing here is needed.',
  enabled: option(flag, { default: '1', help: '0: there is no page.' }),
  options: {
    listen: list(endpoint, {
      absent: 'every address, at `page_port`',
      examples: ['192.168.1.1:2080'],
      help: 'Where the page is: an address of the router with a port, or alone for `page_port`.',
    }),
    certificate: option(path, {
      absent: 'there is no HTTPS, and phones are not told of the page (RFC 8908)',
      example: '/etc/acme/wifi.example.net/fullchain.cer',
      help: 'A certificate that phones trust, as PEM with its chain: the page is there over HTTPS too, at the same port. Read again when it changes.',
    }),
    key: option(path, {
      absent: 'there is no `certificate` either',
      example: '/etc/acme/wifi.example.net/wifi.example.net.key',
      help: 'The file of its private key, as PEM.',
    }),
    name: option(text(/^[^\p{Cc}\p{Cs}]{1,60}$/u, '1 to 60 characters on one line'), {
      absent: 'the page says "Internet access"',
      example: 'Harbour Café',
      help: 'The name of the shop, on top of each page.',
    }),
    logo: option(path, {
      absent: 'no picture',
      example: '/etc/turnpike/logo.svg',
      help: 'A picture on top of each page: PNG, JPEG, WebP or SVG, of 100 kB at the most.',
    }),
    accent: option(colour, {
      default: '#0b5fc0',
      help: 'The colour of buttons. Their text is black or white, whichever is read better on it.',
    }),
    terms: option(path, {
      absent: 'there are none',
      example: '/etc/turnpike/terms.txt',
      help: 'A text file of 64 kB at the most: the terms that customers accept when they buy.',
    }),
    contact: option(text(line, '1 to 200 characters on one line'), {
      absent: 'nothing is said',
      example: '+1 555 0100',
      help: 'How customers reach the owner.',
    }),
    language: list(choice(languages), {
      absent: 'all of them',
      examples: ['en', 'fr'],
      key: (one) => one,
      help: 'Languages of the page. A phone gets the one that it asks for, or else the first.',
    }),
    home: option(address, {
      absent: 'where they wanted to go',
      example: 'https://www.example.net/',
      help: 'Where customers are led when they have bought.',
    }),
  },
  check({ certificate, key }, faults) {
    if (certificate !== undefined) faults.demand('key');
    if (key !== undefined) faults.demand('certificate');
  },
});

export type WebConfig = ConfigOf<typeof web>;
export type Language = keyof typeof languages;
