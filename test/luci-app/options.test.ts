// What the pages of the LuCI application let an owner set is what the daemon reads, and takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/wiring/schema.js';
import { type Known, type Offered, optionsKnown, optionsOffered } from './options.js';

/** Options of the pages that the configuration has, each with its table's. */
async function pairs(): Promise<{ label: string; page: Offered; known: Known }[]> {
  const tables = optionsKnown();
  return [...(await optionsOffered())].flatMap(([type, options]) =>
    options.flatMap((page) => {
      const known = tables.get(type)?.get(page.ucioption ?? page.option);
      return known ? [{ label: `${type} ${page.option}`, page, known }] : [];
    }),
  );
}

test('every option of a table can be set on a page or is named as none for LuCI, and pages have no other', async () => {
  const offered = await optionsOffered();
  const tables = optionsKnown();
  assert.ok(tables.size >= 7, [...tables.keys()].join());
  for (const [type, table] of tables) {
    const own = (offered.get(type) ?? []).map(({ option, ucioption }) => ucioption ?? option);
    const wanted = [...table]
      .filter(([, { option }]) => option.notInLuci === undefined)
      .map(([name]) => name);
    const missing = wanted.filter((name) => !own.includes(name));
    const unknown = own.filter((name) => !name.startsWith('_') && !wanted.includes(name));
    assert.equal({ type, missing, unknown }, { type, missing: [], unknown: [] });
  }
});

test('what is secret is written and never read, and nothing else is', async () => {
  for (const { label, page, known } of await pairs()) {
    assert.is(page.widget === 'Secret', known.isSecret, label);
  }
});

/** What a table reads a text as; undefined for a text that it does not take. */
function readAs({ page, known }: { page: Offered; known: Known }, text: string): unknown {
  const metric = page.kind === 'time' ? 'time' : 'bytes';
  const reading = known.option.kind.read(text, (other) => (other === 'metric' ? metric : undefined));
  return reading.ok ? reading.value : undefined;
}

test('a page shows the default that the table has', async () => {
  let seen = 0;
  for (const pair of await pairs()) {
    const { label, page, known } = pair;
    const [given] = known.option.defaults;
    if (given === undefined) continue;
    const shown = page.widget === 'Flag' ? (page.default ?? '0') : (page.default ?? page.placeholder);
    if (shown === undefined) continue;
    assert.is(readAs(pair, shown), readAs(pair, given), label);
    seen += 1;
  }
  assert.ok(seen > 30, `${seen} defaults`);
});

test('a page offers the words that the table has', async () => {
  let seen = 0;
  for (const { label, page, known } of await pairs()) {
    const { words } = known.option.kind;
    if (!words) continue;
    assert.equal([...page.words].sort(), Object.keys(words).sort(), label);
    seen += 1;
  }
  assert.ok(seen >= 9, `${seen} choices`);
});

test('a number on a page has the bounds that the table has', async () => {
  let seen = 0;
  for (const pair of await pairs()) {
    const { label, page } = pair;
    for (const [inside, beyond] of boundsOf(page)) {
      assert.is.not(readAs(pair, inside), undefined, `${label}: ${inside}`);
      assert.is(readAs(pair, beyond), undefined, `${label}: ${beyond}`);
      seen += 1;
    }
  }
  assert.ok(seen > 30, `${seen} bounds`);
});

test('a number of things is a whole number: LuCI’s `range` alone takes 10.5', async () => {
  for (const options of (await optionsOffered()).values())
    for (const { option, datatype } of options) assert.not.match(datatype ?? '', /^range/, option);
});

/** The last value that a page takes at each end, and the first one that it does not. */
function boundsOf({ widget, datatype, kind, min = 1, max }: Offered): [string, string][] {
  const range = /^and\(uinteger,range\((\d+),(\d+)\)\)$/.exec(datatype ?? '');
  if (range) {
    const [least, most] = [Number(range[1]), Number(range[2])];
    return [least, most].map((end, at) => [`${end}`, `${end + (at === 0 ? -1 : 1)}`]);
  }
  if (widget !== 'Quantity') return [];
  const [unit, scale] = kind === 'time' ? ['ms', 1000] : ['', 1];
  const least: [string, string] = [`${min * scale}${unit}`, `${min * scale - 1}${unit}`];
  return max === undefined ? [least] : [least, [`${max * scale}${unit}`, `${max * scale + 1}${unit}`]];
}

/** Names, addresses and lines of text that one option or another takes, or should not. */
const samples = [
  ...[
    'x',
    'radius.example.net',
    '-x',
    'a_b',
    'a/b',
    'a/',
    '/a',
    '$SYS',
    'a b',
    'a#b',
    'a+b',
    'naïve',
    '\u0085',
  ],
  ...[
    '127.0.0.1',
    '127.0.0.256',
    '1.2.3',
    '2001:db8::1',
    '[2001:db8::1]',
    '[2001:db8::1]:1812',
    '::zz',
    '1:2',
  ],
  ...[
    'radius.example.net:1645',
    'radius.example.net:70000',
    'radius.example.net:',
    ':1812',
    'a:b',
    '[x]',
    '[]:1',
  ],
  ...['mqtt://b', 'mqtts://b:8883', 'wss://b/mqtt', 'mqtt://b:99999', 'mqtt://u@b', 'mqtt://b?x', 'ftp://b'],
  ...['https://f.example.net', 'http://f/v1', 'https://u@f', 'https://', 'https://f/a b', 'https:/f'],
  ...['eip155:8453', 'eip155:0', 'eip155:', 'solana:mainnet', 'USDC 6', 'USDC 19', 'usdc 6', 'USDC', 'U 6'],
  ...['/etc/ssl/ca.pem', '/a b', 'relative', '/', `/${'a'.repeat(200)}`, `/${'a'.repeat(201)}`],
  ...['0x', ...[39, 40, 41, 63, 64, 65].flatMap((n) => [`0x${'a'.repeat(n)}`, `0x${'g'.repeat(n)}`])],
  ...[1, 8, 64, 65, 99, 100, 101, 128, 129, 200, 201, 253, 254].map((n) => 'a'.repeat(n)),
  ...[64, 65, 128, 129].map((n) => `${'a'.repeat(n - 2)} a`),
];

/** Where a page asks for more than the daemon does, or looks at what other sections say. */
const stricter: Readonly<Record<string, (sample: string) => boolean>> = {
  'radius secret': (sample) => sample.length < 8,
  'plan price': () => true,
};

function isTaken(type: string, option: string, value: string): boolean {
  const lines = `\toption enabled '1'\n\toption ${option} '${value}'\n`;
  const secrets = { text: `config secret 'x'\n${lines}`, file: 'secrets' };
  const result = loadConfig(`config ${type} 'x'\n${lines}`, 'turnpike', secrets);
  const faults = result.ok ? [] : result.faults;
  return !faults.some((fault) => fault.option === option && fault.code === 'bad_value');
}

test('a page takes what the daemon takes, and nothing else', async () => {
  let seen = 0;
  for (const [type, options] of await optionsOffered()) {
    for (const one of options) {
      const { option } = one;
      if (!one.validate) continue;
      for (const sample of samples) {
        if (stricter[`${type} ${option}`]?.(sample)) continue;
        const verdict = one.validate('x', sample);
        assert.is(
          verdict === true,
          isTaken(type, option, sample),
          `${type} ${option}: '${sample}' ${verdict}`,
        );
        seen += 1;
      }
    }
  }
  assert.ok(seen > 2000, `${seen} verdicts`);
});

test.run();
