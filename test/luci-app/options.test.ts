// What the pages of the LuCI application let an owner set is what the daemon reads, and takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/config/config.js';
import { optionsOffered, optionsRead } from './options.js';

/** Not for an owner: where ubusd is, which a router has at one of its two usual places. */
const notThere = ['turnpike socket'];

test('every option that the daemon reads can be set on a page, and no other', async () => {
  const offered = await optionsOffered();
  const options = optionsRead();
  assert.ok(options.size >= 7, [...options.keys()].join());
  for (const [type, names] of options) {
    const own = (offered.get(type) ?? []).map(({ option, ucioption }) => ucioption ?? option);
    const missing = [...names].filter((name) => !own.includes(name) && !notThere.includes(`${type} ${name}`));
    const unknown = own.filter((name) => !name.startsWith('_') && !names.has(name));
    assert.equal({ type, missing, unknown }, { type, missing: [], unknown: [] });
  }
});

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
    for (const { option, validate } of options) {
      if (!validate) continue;
      for (const sample of samples) {
        if (stricter[`${type} ${option}`]?.(sample)) continue;
        const verdict = validate('x', sample);
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
