// What becomes of the table that an earlier run left: it is taken over as it is, and who is over is shut out of it first.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NftError } from '../../src/kernel/nft.js';
import type { Kernel } from './simulated.js';
import { hold, macOf, marks, premises, ready, tableOn } from './wanted.js';

const handles = (kernel: { chains: { handle: number; rules: { handle: number }[] }[] }) =>
  kernel.chains.flatMap(({ handle, rules }) => [handle, ...rules.map((rule) => rule.handle)]);

/** No chain and no rule is made anew, and nobody is warned. */
async function staysThrough(
  work: () => Promise<void>,
  kernel: Kernel,
  lines: readonly string[],
): Promise<void> {
  const before = handles(kernel);
  await work();
  assert.equal(handles(kernel), before);
  assert.not.ok(
    lines.some((line) => line.startsWith('warn')),
    lines.join('\n'),
  );
}

test('nothing of it is written again, and its counts go on', async () => {
  const { kernel, wish, move } = await ready(hold('a'), hold('bb', { pace: { down: 8 } }));
  move('a', 'down', 300);
  const written = kernel.scripts.length;
  const next = tableOn(kernel, wish, [], 50);
  await next.audit();
  assert.is(next.status.state, 'on', next.status.error);
  assert.equal(kernel.scripts.slice(written), []);
  assert.ok(move('a', 'down', 100));
  assert.equal(await next.count('a'), { up: 0, down: 400 });
});

test('what has changed meanwhile is all that is written', async () => {
  const { kernel, wish } = await ready(hold('a'), hold('bb'));
  const before = handles(kernel);
  wish.list = [hold('bb'), hold('ccc')];
  await tableOn(kernel, wish).audit();
  assert.equal(handles(kernel), before, 'no chain and no rule is made anew');
  assert.not.ok(kernel.markOf(macOf(1), marks));
  assert.ok(kernel.markOf(macOf(3), marks));
});

for (const [what, change] of [
  [
    'with a rule that somebody has changed',
    (rules: { text: string }[]) => Object.assign(rules[0]!, { text: 'drop' }),
  ],
  ['with a rule less', (rules: { text: string }[]) => rules.splice(0, 1)],
] as const) {
  test(`a table ${what} is made anew`, async () => {
    const { kernel, wish } = await ready(hold('a'));
    const { rules } = kernel.chains.find(({ name }) => name === 'up')!;
    const texts = rules.map(({ text }) => text);
    change(rules);
    await tableOn(kernel, wish).audit();
    assert.equal(
      kernel.chains.find(({ name }) => name === 'up')!.rules.map(({ text }) => text),
      texts,
    );
  });
}

test('a top-up that the last run sold and did not write is there at once', async () => {
  const { kernel, wish, move } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  move('a', 'down', 900_000);
  wish.list = [hold('a', { caps: { total: 3_000_000 } })];
  await tableOn(kernel, wish).audit();
  for (let passed = 900_000; passed < 2_900_000; passed += 100_000) assert.ok(move('a', 'down', 100_000));
  assert.not.ok(move('a', 'down', 100_000));
});

test('a table for other premises is made anew', async () => {
  const { kernel, wish } = await ready(hold('a'));
  const before = handles(kernel);
  wish.places = [{ ...premises, open: [] }];
  await tableOn(kernel, wish).audit();
  assert.is.not(handles(kernel).join(), before.join());
});

test('who is over is shut out before the table is read, and nobody else', async () => {
  const { kernel, wish, move, lines } = await ready(hold('a'), hold('bb'));
  const next = tableOn(kernel, wish, lines);
  // At first nobody is known to be over.
  void next.cut([]);
  await next.cut([macOf(1), macOf(9)]);
  assert.not.ok(move('a', 'down', 1));
  assert.ok(move('bb', 'down', 1));
  wish.list = [hold('a', { live: false }), hold('bb')];
  await staysThrough(() => next.audit(), kernel, lines);
  assert.not.ok(kernel.markOf(macOf(1), marks));
});

test('those who are named at once are shut out by one call', async () => {
  const { kernel, wish, move } = await ready(hold('a'), hold('bb'), hold('ccc'));
  const next = tableOn(kernel, wish);
  const written = kernel.scripts.length;
  await Promise.all([1, 2, 3].map((n) => next.cut([macOf(n)])));
  assert.is(kernel.scripts.length - written, 1);
  assert.equal(
    ['a', 'bb', 'ccc'].map((id) => move(id, 'down', 1)),
    [false, false, false],
  );
});

test('those that end at once are counted by one call', async () => {
  const { kernel, table, move } = await ready(hold('a'), hold('bb'), hold('ccc'));
  move('a', 'down', 100);
  move('ccc', 'up', 300);
  let calls = 0;
  kernel.before = () => {
    calls += 1;
  };
  const counts = await Promise.all(['a', 'bb', 'ccc', 'dddd'].map((id) => table.count(id)));
  const nothing = { up: 0, down: 0 };
  assert.equal(counts, [{ up: 0, down: 100 }, nothing, { up: 300, down: 0 }, undefined]);
  assert.is(calls, 1);
});

test('one that ends is counted behind the write that shuts it out, not with one that ended before', async () => {
  const { kernel, wish, table, move } = await ready(hold('a'), hold('bb'));
  kernel.before = (_, script) => {
    if (script.includes('delete element')) assert.ok(move('bb', 'down', 70));
  };
  const first = table.count('a');
  wish.put(hold('bb', { live: false }));
  void table.sync(['bb']);
  const counts = await Promise.all([first, table.count('bb')]);
  assert.equal(counts[1], { up: 0, down: 70 });
});

test('who is over while the table is read is shut out by then, and the table is not made anew for it', async () => {
  const { kernel, wish, move, lines } = await ready(hold('a'), hold('bb'));
  const next = tableOn(kernel, wish, lines);
  kernel.before = (args) => {
    if (args[2] !== 'table') return;
    kernel.before = () => {};
    wish.list = [hold('a', { live: false }), hold('bb')];
    void next.cut([macOf(1)]);
  };
  await staysThrough(() => next.audit(), kernel, lines);
  assert.not.ok(move('a', 'down', 1));
  assert.ok(move('bb', 'down', 1));
});

test('who is over and was away is shut out, too: their device may be back', async () => {
  const { kernel, wish } = await ready(hold('a', { away: true }), hold('bb', { away: true }), hold('ccc'));
  const next = tableOn(kernel, wish);
  await next.cut([macOf(1), macOf(3)]);
  const sizes = () =>
    ['live', 'own', 'away', 'away_own', 'paid'].map((set) => kernel.elements.get(set)?.size);
  assert.equal(sizes(), [0, 0, 1, 1, 1]);
  wish.list = [hold('a', { live: false }), hold('bb', { away: true }), hold('ccc', { live: false })];
  const before = handles(kernel);
  await next.audit();
  assert.equal([handles(kernel), sizes()], [before, [0, 0, 1, 1, 1]]);
});

test('a table of a version that knew nobody as away is cut all the same', async () => {
  const { kernel, wish, move } = await ready(hold('a'));
  kernel.before = (args) => {
    if (args.includes('away_own')) throw new NftError('refused', 'Error: No such file or directory');
  };
  await tableOn(kernel, wish).cut([macOf(1)]);
  assert.not.ok(move('a', 'down', 1));
});

/** A kernel that refuses to be read, so many times. */
function refusing(kernel: Kernel, times: number): void {
  let left = times;
  kernel.before = (args) => {
    if (!args.includes('list') || left === 0) return;
    left -= 1;
    throw new NftError('refused', 'netlink: Error: cache initialization failed: Cannot allocate memory');
  };
}

test('a kernel that refuses to be read for a moment is asked again, and no count is lost', async () => {
  const { kernel, wish, move } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  move('a', 'down', 300);
  const before = handles(kernel);
  const next = tableOn(kernel, wish);
  refusing(kernel, Number.POSITIVE_INFINITY);
  await next.audit();
  // A start asks for each session whose portal has answered.
  for (let asked = 0; asked < 10; asked++) await next.sync(['a']);
  assert.is(next.status.state, 'failed');
  kernel.before = () => {};
  assert.ok(move('a', 'down', 100), 'the table stands');
  await next.audit();
  assert.is(next.status.state, 'on', next.status.error);
  assert.equal(await next.count('a'), { up: 0, down: 400 });
  assert.equal(handles(kernel), before);
});

test('a kernel that refuses to be read once keeps its table, and nobody waits for another one', async () => {
  const { kernel, wish, lines } = await ready(hold('a'));
  const next = tableOn(kernel, wish, lines);
  refusing(kernel, 1);
  await staysThrough(() => next.audit(), kernel, lines);
});

test('a session that ends before a table could be read is counted as soon as it can be', async () => {
  const { kernel, wish, move } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  move('a', 'down', 300);
  const next = tableOn(kernel, wish);
  refusing(kernel, Number.POSITIVE_INFINITY);
  await next.audit();
  assert.is(await next.count('a'), undefined);
  kernel.before = () => {};
  assert.equal(await next.count('a'), { up: 0, down: 300 });
});

test('a table that nobody can ever read is made anew in the end', async () => {
  const { kernel, wish } = await ready(hold('a'));
  const next = tableOn(kernel, wish);
  const before = handles(kernel);
  const isMade = () => kernel.scripts.some((script) => script.includes('delete table'));
  refusing(kernel, Number.POSITIVE_INFINITY);
  kernel.scripts.length = 0;
  await next.audit();
  kernel.uptime += 10_000;
  await next.audit();
  assert.not.ok(isMade());
  kernel.uptime += 10_000;
  await next.audit();
  assert.ok(isMade());
  assert.is.not(handles(kernel).join(), before.join());
});

test('without a table nobody is shut out, and nothing fails', async () => {
  const { kernel, wish } = await ready(hold('a'));
  kernel.flush();
  const next = tableOn(kernel, wish);
  await next.cut([macOf(1)]);
  await next.audit();
  assert.is(next.status.state, 'on');
});

test.run();
