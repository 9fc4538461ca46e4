// What a daemon starts with when its configuration has faults.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig, readConfig } from '../../src/wiring/schema.js';
import { gateway } from './load.js';

const good = "config plan 'good'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '0.05 USD'\n";
const bad = "config plan 'bad'\n\toption metric 'bytes'\n\toption step '1 parsec'\n";
const cash = "config method 'cash'\n\tlist currency 'USD 2'\n";
const radius = "config radius 'radius'\n\toption enabled '1'\n\toption server '192.0.2.1'\n";

function soundOf(text: string, secrets?: string) {
  const hidden = secrets === undefined ? undefined : { text: secrets, file: 'f_secrets' };
  const result = loadConfig(text, 'f', hidden);
  assert.not(result.ok, 'there are faults');
  return result.ok ? undefined : result.sound;
}

const named = (off: readonly { type: string; name?: string }[] = []) =>
  off.map(({ type, name = '' }) => `${type} ${name}`.trim());

test('a server without its secret is off, and the shop is open', () => {
  const sound = soundOf(gateway + good + cash + radius);
  assert.equal(named(sound?.off), ['radius radius']);
  assert.equal(sound?.upstreams, {});
  assert.equal(
    sound?.plans.map(({ id }) => id),
    ['good'],
  );
  assert.equal(
    sound?.methods.map(({ name }) => name),
    ['cash'],
  );
  assert.is(sound?.gateways.length, 1);
});

test('a plan with a fault is off, and no other one', () => {
  const sound = soundOf(gateway + bad + good + cash);
  assert.equal(named(sound?.off), ['plan bad']);
  assert.equal(
    sound?.plans.map(({ id }) => id),
    ['good'],
  );
});

test('a plan whose cap is misspelt is off: it would be sold without the cap', () => {
  assert.equal(named(soundOf(`${gateway}${good}\toption secnds '1h'\n`)?.off), ['plan good']);
  assert.equal(named(soundOf(`${gateway}${good}\toption seconds 1 h\n`)?.off), ['plan good']);
});

test('a price that its method cannot take switches the plan off, and not the method', () => {
  const sound = soundOf(gateway + good.replace('0.05', '0.005') + cash);
  assert.equal(named(sound?.off), ['plan good']);
  assert.is(sound?.methods.length, 1);
});

test('a portal with a faulty option is served without the option', () => {
  const sound = soundOf(`${gateway}\toption poll_max 'often'\n${good}`);
  assert.equal(named(sound?.off), []);
  assert.is(sound?.gateways.length, 1);
});

test('a portal that cannot be made out is off beside one that can', () => {
  const sound = soundOf(`${gateway}config gateway 'two'\n\toption type 'opnnds'\n${good}`);
  assert.equal(named(sound?.off), ['gateway two']);
  assert.is(sound?.gateways.length, 1);
});

test('without any portal nothing starts', () => {
  assert.is(soundOf(good), undefined);
  assert.is(soundOf("config gateway 'lan'\n\toption type 'opnnds'\n"), undefined);
});

test('a fault in the place of the journal starts nothing: sales would go into another one', () => {
  const main = "config turnpike 'main'\n\toption directory";
  assert.is(soundOf(`${main} 'state'\n${gateway}`), undefined);
  assert.is(soundOf(`${main} /mnt/my disk\n${gateway}`), undefined);
  assert.is(soundOf(`config turnpike the-shop\n\toption directory '/mnt/a'\n${gateway}`), undefined);
  assert.ok(soundOf(`${main} '/mnt/a'\n\toption router my cafe\n${gateway}`), 'another line');
});

test('other faults of the daemon’s own settings leave these settings at their defaults', () => {
  const sound = soundOf(
    `config turnpike 'main'\n\toption low_percent '0'\n\toption lowpercent '1'\n${gateway}`,
  );
  assert.is(sound?.main.lowPercent, 80);
  assert.equal(named(sound?.off), []);
});

test('what stands behind a section’s unreadable first line belongs to no section', () => {
  const sound = soundOf(`${gateway}${good}config plan my-plan\n\toption step '9 GB'\n`);
  assert.is(sound?.plans[0]?.stepSize, 1_000_000);
  assert.equal(named(sound?.off), []);
});

test('a fault in the file of the secrets switches off who may have secrets there', () => {
  const mqtt = "config mqtt 'mqtt'\n\toption enabled '1'\n\toption url 'mqtt://192.0.2.1'\n";
  const sound = soundOf(gateway + good + cash + mqtt, 'config secret mqtt\n\toption password my pass\n');
  assert.equal(named(sound?.off), ['mqtt mqtt']);
  assert.is(sound?.methods.length, 1, 'cash has none');
});

test('secrets that cannot be read switch their sections off, and a file that cannot be read starts nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  try {
    const file = join(dir, 'turnpike');
    writeFileSync(file, gateway + good + radius);
    writeFileSync(`${file}_secrets`, Buffer.alloc(1024 * 1024 + 1, 10));
    const result = readConfig(file);
    assert.ok(!result.ok && result.sound);
    assert.equal(result.ok ? [] : named(result.sound?.off), ['radius radius']);
    assert.match(result.ok ? '' : result.faults[0]!.message, 'larger than');
    const nowhere = readConfig(join(dir, 'nowhere'));
    assert.ok(!nowhere.ok && nowhere.sound === undefined);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a closing quote that is missing is told at its line, for what stands behind it is gone', () => {
  const open = "config turnpike 'main'\n\toption where_to_buy 'at the till\n\toption router cafe\n";
  for (const [next, told] of [
    ["# the owner's\n", /a line that begins with 'option'/],
    ["\toption log_level 'info'\n", /closing quote may be missing/],
  ] as const) {
    const result = loadConfig(`${open}${next}${gateway}${good}${cash}`, 'f');
    const faults = result.ok ? [] : result.faults.filter(({ message }) => told.test(message));
    assert.equal(
      faults.map(({ line, code }) => [line, code]),
      [[2, 'syntax']],
    );
  }
});

test('so it is in the file of the secrets, without a word of what is in it', () => {
  const secrets =
    "config secret 'radius'\n\toption secret 'sesame-1\n\nconfig secret 'mqtt'\n\toption password 'x'\n";
  const result = loadConfig(gateway + good + cash, 'f', { text: secrets, file: 'f_secrets' });
  const told = result.ok ? [] : result.faults.filter(({ file }) => file === 'f_secrets');
  assert.ok(told.some(({ line }) => line === 2));
  assert.not.match(JSON.stringify(told), /sesame/);
});

test.run();
