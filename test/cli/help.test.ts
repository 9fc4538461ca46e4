// Help is for the asking, in every way that people ask for it.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../src/cli/commands.js';
import { turnpike } from './turnpike.js';

test('turnpike help names every command, and so does turnpike --help', async () => {
  const { status, out, err } = await turnpike('help');
  assert.equal([status, err], [0, '']);
  for (const { name, summary } of commands) {
    assert.match(out, new RegExp(`^  ${name} +${literally(summary)}$`, 'm'));
  }
  assert.equal(await turnpike('--help'), { status, out, err });
});

test('without a command the same is said on standard error, and it counts as a mistake', async () => {
  const { status, out, err } = await turnpike();
  assert.equal([status, out], [2, '']);
  assert.match(err, "'turnpike help COMMAND'");
});

for (const { name, summary, args, options } of commands) {
  test(`turnpike ${name} --help shows its arguments and options, and does nothing else`, async () => {
    const { status, out, err } = await turnpike(name, '--help');
    assert.equal([status, err], [0, '']);
    assert.match(out, `turnpike ${name}: ${summary}\n`);
    assert.match(out, `\n  ${['turnpike', name, '[OPTION...]', ...args].join(' ')}\n`);
    for (const [option, { says }] of Object.entries(options)) {
      assert.match(out, new RegExp(`--${option}\\b.*${literally(says)}`));
    }
    for (const line of out.split('\n')) assert.ok(line.length <= 120, `wider than a terminal: ${line}`);
  });
}

test('turnpike help COMMAND, and -h behind what is wrong, show the same', async () => {
  const { out } = await turnpike('grant', '--help');
  assert.is((await turnpike('help', 'grant')).out, out);
  assert.is((await turnpike('grant', 'nonsense', '-h')).out, out);
});

test('turnpike version prints the version', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  for (const way of ['version', '--version']) {
    assert.equal(await turnpike(way), { status: 0, out: `${version}\n`, err: '' });
  }
});

function literally(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test.run();
