// What the table holds of a session whose device is away while its time stands still.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

test('who has sent in the meantime, by the kernel’s own word, is no change of somebody else’s', async () => {
  const { kernel, table, lines } = await ready(away);
  kernel.elements.get('awake')!.set('1', '');
  const said = lines.length;
  await table.audit();
  assert.equal([table.status.mended, lines.slice(said)], [0, []]);
});

test.run();
