// Many requests at once, and what else the daemon has to do.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Turnstile } from '../../src/web/turnstile.js';
import { until } from '../rig/until.js';

const test = suite('turnstile');

test('between two requests that came together, everything else has its turn', async () => {
  const seen: string[] = [];
  const turnstile = new Turnstile();
  for (const name of ['one', 'two', 'three']) turnstile.pass(() => seen.push(name));
  setImmediate(() => {
    seen.push('a sale');
    setImmediate(() => seen.push('a poll'));
  });
  await until('the last', () => seen.includes('three'));
  assert.equal(seen, ['one', 'a sale', 'two', 'a poll', 'three']);
});

test('who comes later waits for those before, and who comes when nobody waits is let in', async () => {
  const seen: string[] = [];
  const turnstile = new Turnstile();
  turnstile.pass(() => {
    seen.push('one');
    turnstile.pass(() => seen.push('three'));
  });
  turnstile.pass(() => seen.push('two'));
  await until('all', () => seen.length === 3);
  assert.equal(seen, ['one', 'two', 'three']);
  turnstile.pass(() => seen.push('four'));
  await until('the next', () => seen.length === 4);
});

test.run();
