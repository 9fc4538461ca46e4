// What rests between two goes leaves room for what is under way beside it, and is woken when that is done.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rest } from '../../src/kernel/rest.js';

test('what was never done does not rest', async () => {
  await new Rest().over();
});

test('what was done rests', async () => {
  const rest = new Rest();
  rest.begin();
  const began = performance.now();
  await rest.over();
  assert.ok(performance.now() - began >= 40);
});

test('a rest that is ended is over at once', async () => {
  const rest = new Rest();
  for (let n = 0; n < 20; n++) rest.begin();
  const began = performance.now();
  const over = rest.over();
  rest.end();
  await over;
  await rest.over();
  assert.ok(performance.now() - began < 8_000);
});

test.run();
