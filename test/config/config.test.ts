import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatFaults } from '../../src/config/fault.js';
import { parseBytes, parseRate, parseSpan } from '../../src/config/quantity.js';
import { loadConfig, readConfig } from '../../src/wiring/schema.js';
import fc from '../rig/properties.js';
import { faultsOf, gateway, load } from './load.js';

test('the shipped file loads, and its plans are what it says', () => {
  const result = readConfig('files/etc/config/turnpike');
  assert.ok(result.ok, result.ok ? '' : formatFaults(result.faults));
  const [data, hour, day] = result.ok ? result.config.plans : [];
  assert.is(data?.stepSize, 10_000_000);
  assert.is(hour?.stepSize, 3_600_000);
  assert.ok(hour?.pauseAway);
  assert.equal(day?.caps, { bytes: 1_000_000_000 });
  assert.is(day?.maxSteps, 1);
  assert.is(day?.downRate, 20_000);
});

test('each fault has its code and its line', () => {
  const plan = (lines: string) => `${gateway}config plan 'p'\n${lines}`;
  const whole = "\toption metric 'bytes'\n\toption step '1 MB'\n";
  const cases: [string, string[]][] = [
    ['', ['0  missing']],
    ["config gateway 'lan'\n", ['0  missing', '1 type missing']],
    ["config gateway\n\toption type 'opennds'\n", ['1  missing']],
    [`${gateway}\toption typo '1'\n`, ['3 typo unknown_option']],
    [`${gateway}\toption poll_min '20s'\n`, ['3 poll_min conflict']],
    [`${gateway}\toption exclusive 'maybe'\n`, ['3 exclusive bad_value']],
    [`${gateway}config plann 'x'\n`, ['3  unknown_section']],
    [`${gateway}config method 'shells'\n\tlist currency 'USD 2'\n`, ['3  unknown_section']],
    [`${gateway}config method 'cash'\n`, ['3 currency missing']],
    [`${gateway}config method 'cash'\n\tlist currency 'dollars'\n`, ['4 currency bad_value']],
    [
      `${gateway}config method 'cash'\n\tlist currency 'USD 2'\n\tlist currency 'USD 3'\n`,
      ['4 currency duplicate'],
    ],
    [plan(''), ['3 metric missing', '3 step missing']],
    [plan("\toption metric 'bytes'\n\toption step '10 parsecs'\n"), ['5 step bad_value']],
    [plan(`${whole}\toption bytes '1 GB'\n`), ['6 bytes conflict']],
    [plan(`${whole}\toption free_per_day '1'\n`), ['6 free_per_day conflict']],
    [plan(`${whole}\toption free_per_day_total '9'\n`), ['6 free_per_day_total conflict']],
    [plan(`${whole}\tlist price '0.01 USD'\n\toption free_per_day '1'\n`), ['7 free_per_day conflict']],
    [
      plan(`${whole}\tlist price '0 USD'\n\toption free_per_day '1'\n\toption max_steps '2'\n`),
      ['8 max_steps conflict'],
    ],
    [plan(`${whole}\toption min_steps '5'\n\toption max_steps '4'\n`), ['6 min_steps conflict']],
    [
      plan("\toption metric 'bytes'\n\toption step '9000 TB'\n\toption max_steps '1000000'\n"),
      ['5 step conflict'],
    ],
    [plan(`${whole}\tlist price '0.5'\n`), ['6 price bad_value']],
    [plan(`${whole}\tlist price '1 USD'\n\tlist price '2 USD'\n`), ['6 price duplicate']],
    [
      plan(`${whole}\tlist price '0.005 USD'\nconfig method 'cash'\n\tlist currency 'USD 2'\n`),
      ['6 price conflict'],
    ],
    [`${gateway}config plan 'lan'\n${whole}`, ['3  duplicate']],
    [
      `config turnpike 'main'\n\toption low_percent '0'\n\toption heartbeat '30s'\n${gateway}`,
      ['2 low_percent bad_value', '3 heartbeat bad_value'],
    ],
    [`config turnpike 'a'\nconfig turnpike 'b'\n${gateway}`, ['2  duplicate']],
    [`${gateway}nonsense here\n`, ['3  syntax']],
    [`${gateway}\toption broken\n`, ['3  syntax']],
    [`option early '1'\n${gateway}`, ['1  syntax']],
    [`${gateway}\toption command 'unclosed\n`, ['3  syntax', '3 command bad_value']],
  ];
  for (const [text, expected] of cases) assert.equal(faultsOf(text), expected, text);
});

test('all faults are reported together, and in words', () => {
  const result = loadConfig(
    `${gateway}\toption exclusiv '1'\nconfig plan 'p'\n\toption metric 'time'\n\toption step 'x'\n`,
    'turnpike',
  );
  assert.ok(!result.ok);
  const text = result.ok ? '' : formatFaults(result.faults);
  assert.is(text.split('\n').length, 2);
  assert.match(
    text,
    "turnpike:3: gateway 'lan': exclusiv: is not known here (did you mean 'exclusive'?) (unknown_option)",
  );
  assert.match(text, "turnpike:6: plan 'p': step: must be a span of time");
});

test('a file that cannot be read is a fault too', () => {
  const result = readConfig('/nonexistent/turnpike');
  assert.is(result.ok ? '' : result.faults[0]?.code, 'unreadable');
});

test('UCI’s corners: quotes, escapes, joined parts, semicolons, comments, sections that go on', () => {
  const text = [
    '# a comment',
    "package 'turnpike'",
    'config gateway lan # behind',
    "\toption type open'nds'",
    '\toption command "/usr/bin/nds\\ctl"; option exclusive 0',
    "config plan 'p'\r",
    "\toption title 'It'\\''s \"fine\"'",
    '\toption metric bytes',
    "\toption step '1",
    " MB'",
    "config gateway 'lan'",
    '\toption poll_max \\',
    "'5s'",
  ].join('\n');
  const config = load(text.replace("'1\n MB'", "'1 MB'"));
  assert.equal(config.gateways[0], {
    name: 'lan',
    type: 'opennds',
    transport: 'socket',
    command: '/usr/bin/ndsctl',
    exclusive: false,
    pollMin: 250,
    pollMax: 5000,
    pollShare: 25,
    doubleMac: 'report',
    interface: [],
    portalConfig: '/etc/config/opennds',
  });
  assert.is(config.plans[0]?.title, 'It\'s "fine"');
});

test('quantities: KB is 1000 and KiB is 1024, and no fraction is lost', () => {
  assert.is(parseBytes('10 MB'), 10_000_000);
  assert.is(parseBytes('10MiB'), 10_485_760);
  assert.is(parseBytes('500 kB'), 500_000);
  assert.is(parseBytes('500 KB'), 500_000);
  assert.is(parseBytes('1.1 GB'), 1_100_000_000);
  assert.is(parseBytes('1.0000005 MB'), undefined);
  assert.is(parseBytes('1.5'), undefined);
  assert.is(parseBytes('-1'), undefined);
  assert.is(parseBytes('99999999 TB'), undefined);
  assert.is(parseBytes('5 constructor'), undefined);
  assert.is(parseSpan('1h'), 3_600_000);
  assert.is(parseSpan('90'), 90_000);
  assert.is(parseSpan('250ms'), 250);
  assert.is(parseSpan('1.5 min'), 90_000);
  assert.is(parseRate('2 Mbit'), 2000);
  assert.is(parseRate('512'), 512);
});

test('any text ends in a configuration or in faults with lines of the file', () => {
  const words = fc.constantFrom(
    'config',
    'option',
    'list',
    "'",
    '"',
    '\\',
    '\n',
    ';',
    '#',
    ' ',
    'gateway',
    'plan',
    'lan',
    'step',
    '1 MB',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 60 }).map((w) => w.join('')),
  );
  fc.assert(
    fc.property(text, (t) => {
      const result = loadConfig(t, 'f');
      const lines = t.split('\n').length;
      if (!result.ok) for (const fault of result.faults) assert.ok(fault.line >= 0 && fault.line <= lines);
    }),
    { numRuns: 1000 },
  );
});

test('a rendered plan reads back as it was', () => {
  const quote = (s: string) => `'${s.replaceAll("'", "'\\''")}'`;
  const model = fc.record({
    title: fc.stringMatching(/^[ -~]{1,40}$/),
    step: fc.integer({ min: 1, max: 1e9 }),
    price: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    min: fc.integer({ min: 1, max: 10 }),
    more: fc.nat(100),
    devices: fc.integer({ min: 1, max: 100 }),
    pause: fc.boolean(),
  });
  fc.assert(
    fc.property(model, (m) => {
      const text = `${gateway}config plan 'p'\n\toption title ${quote(m.title)}\n\toption metric 'bytes'\n\toption step '${m.step}'\n\tlist price '${m.price}.25 USD'\n\toption min_steps '${m.min}'\n\toption max_steps '${m.min + m.more}'\n\toption devices '${m.devices}'\n\toption pause_away '${m.pause ? 1 : 0}'\n`;
      const [plan] = load(text).plans;
      assert.equal(plan, {
        id: 'p',
        title: m.title,
        metric: 'bytes',
        stepSize: m.step,
        prices: [{ currency: 'USD', digits: m.price * 100n + 25n, scale: 2 }],
        minSteps: m.min,
        maxSteps: m.min + m.more,
        caps: {},
        devices: m.devices,
        pauseAway: m.pause,
      });
    }),
  );
});

test('a configuration is frozen all through', () => {
  const config = load(readFileSync('files/etc/config/turnpike', 'utf8'));
  assert.throws(() => {
    (config.plans[0] as { stepSize: number }).stepSize = 1;
  });
  assert.throws(() => (config.plans as unknown[]).push(1));
});

test.run();
