// What the table holds of a session whose device is away while its time stands still.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { hold, ready, tableOn } from './wanted.js';

const away = hold('a', { away: true });

test('it is in sets of its own, with a quota of what comes in, and out of them when it goes on', async () => {
  const { kernel, wish, table } = await ready(hold('a'), hold('bb'));
  const sizes = () =>
    ['live', 'own', 'away', 'away_own', 'cap_away', 'paid'].map((set) => kernel.elements.get(set)?.size);
  const quotas = () => [...kernel.quotas.keys()].filter((name) => name.startsWith('n'));
  wish.put(away);
  await table.sync(['a']);
  assert.equal(sizes(), [1, 1, 1, 1, 1, 2]);
  const [first] = quotas();
  assert.is(kernel.quotas.get(first!)?.bytes, 131_072);
  wish.put(hold('a'));
  await table.sync(['a']);
  assert.equal([sizes(), quotas()], [[2, 2, 0, 0, 0, 2], []]);
  wish.put(away);
  await table.sync(['a']);
  assert.is.not(quotas()[0], first, 'another quota with each time away');
});

test('a later run takes its quota over as it is', async () => {
  const { kernel, wish, table } = await ready(hold('a'));
  for (const one of [away, hold('a'), away]) {
    wish.put(one);
    await table.sync(['a']);
  }
  const written = kernel.scripts.length;
  await tableOn(kernel, wish).audit();
  assert.equal(kernel.scripts.slice(written), []);
});

/** Some comes in while its device is away, and the table is compared; then it is this and away again before the next time. */
async function awayAgain(between: Hold, isRestarted: boolean) {
  const { kernel, wish, table, lines } = await ready(hold('a'));
  wish.put(away);
  await table.sync(['a']);
  const [name] = [...kernel.quotas.keys()].filter((one) => one.startsWith('n'));
  kernel.quotas.get(name!)!.used = 5_000;
  await table.audit();
  wish.put(between);
  const next = isRestarted ? tableOn(kernel, wish, lines) : table;
  await (isRestarted ? next.audit() : next.sync(['a']));
  wish.put(away);
  await next.sync(['a']);
  const written = kernel.scripts.length;
  await next.audit();
  assert.equal([kernel.scripts.slice(written), next.status.mended], [[], 0], lines.join('\n'));
}

for (const [when, between, isRestarted] of [
  ['after a start that did not take it for away at first', hold('a'), true],
  ['after it was shut out for a moment', { ...away, live: false }, false],
] as const)
  test(`its quota has another name ${when}: no count looks as if somebody had set it back`, () =>
    awayAgain(between, isRestarted));

test('who has sent in the meantime, by the kernel’s own word, is no change of somebody else’s', async () => {
  const { kernel, table, lines } = await ready(away);
  kernel.elements.get('awake')!.set('1', '');
  const said = lines.length;
  await table.audit();
  assert.equal([table.status.mended, lines.slice(said)], [0, []]);
});

test.run();
