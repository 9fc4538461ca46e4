import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mostNamed, Questions } from '../../src/kernel/questions.js';
import { hold, macOf, marks, ready } from './wanted.js';

const holding = ['list set inet turnpike sale', 'list chain inet turnpike w0_1'];

/** Of a table with so many sessions, as an nft of this version has listed it. */
function questionsOf(version: string, sessions = 10): Questions {
  const questions = new Questions(marks);
  const counters = new Map(Array.from({ length: 2 * sessions }, (_, n) => [`c${n}`, 0]));
  questions.note({ version, counters });
  return questions;
}

const linesOf = (scripts: readonly string[]) => scripts.map((script) => script.trimEnd().split('\n'));

test('nft 1.0 is held to a set and a chain, or it would fetch all elements for one counter', () => {
  for (const version of ['1.0.6', '1.0.9', '1.1.0']) {
    const asked = linesOf(questionsOf(version).named('counter', ['cu1_a', 'cd1_a']));
    const counters = ['list counter inet turnpike cu1_a', 'list counter inet turnpike cd1_a'];
    assert.equal(asked, [[...holding, ...counters]], version);
  }
});

test('nft 1.1.1 is asked for each object alone where all of them take longer to fetch', () => {
  const names = ['cu1_a', 'cd1_a'];
  const each = names.map((name) => `list counter inet turnpike ${name}`);
  assert.equal(linesOf(questionsOf('1.1.3', 9_700).named('counter', names)), [[each[0]], [each[1]]]);
  assert.equal(linesOf(questionsOf('1.1.3', 100).named('counter', names)), [[...each, 'list tables']]);
  assert.equal(linesOf(questionsOf('1.1.3', 100).named('counter', ['cu1_a'])), [[each[0]]]);
});

test('an nft that nobody has looked at is asked as every one understands it', () => {
  const names = ['t1_a_0', 't2_b_0'];
  const both = names.map((name) => `list quota inet turnpike ${name}`);
  for (const questions of [questionsOf('1.0.5', 9_700), new Questions(marks)]) {
    assert.equal(linesOf(questions.named('quota', names)), [[...both, 'list tables']]);
    assert.equal(questions.counters, ['-j', 'list counters table inet turnpike']);
  }
});

test('hundreds of objects are asked for in one call, and none in none', () => {
  const names = Array.from({ length: mostNamed }, (_, n) => `t${n}_a_0`);
  assert.equal(
    linesOf(questionsOf('1.0.6').named('quota', names)).map((lines) => lines.length - holding.length),
    [mostNamed],
  );
  assert.equal(questionsOf('1.0.6').named('quota', []), []);
});

for (const version of ['1.0.6', '1.1.3'])
  test(`looks and single counters say the same with nft ${version}`, async () => {
    const { kernel, table, move, told } = await ready(hold('a'), hold('b', { mac: macOf(2) }));
    kernel.version = version;
    await table.audit();
    kernel.asked = [];
    move('b', 'down', 300);
    assert.is((await told()).get('b')?.down, 300);
    assert.equal(await table.count('b'), { up: 0, down: 300 });
    const isHeld = kernel.asked.map(([first]) => first === holding[0]);
    assert.equal(isHeld, Array(isHeld.length).fill(version === '1.0.6'));
    assert.ok(isHeld.length >= 2);
  });

test('a table that lacks what nft 1.0 is held to is made anew, and nothing that was counted is lost', async () => {
  const { kernel, table, move } = await ready(hold('a'));
  move('a', 'down', 300);
  kernel.chains = kernel.chains.filter(({ name }) => name !== 'w0_1');
  assert.equal(await table.count('a'), { up: 0, down: 300 });
  assert.is(table.status.state, 'on');
});

test.run();
