// Which numbers of steps a plan may have.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

const form = { Value: { extend: () => ({}) } };
const offer = evaluate('turnpike/offer.js', { form }) as {
  checkMost(least: string, most: string): true | string;
};

test('the largest purchase is no smaller than the smallest one, said at its field', () => {
  for (const [least, most] of ['1 1', ' 1', '5 ', '2000 ', '5 10', 'x 2'].map((pair) => pair.split(' '))) {
    assert.is(offer.checkMost(least!, most!), true, `${least} to ${most}`);
  }
  assert.match(String(offer.checkMost('5', '2')), /smaller than the smallest/);
});

test('half a step is none', () => {
  for (const most of ['10.5', '0', '-1', 'x'])
    assert.match(String(offer.checkMost('', most)), /has to be whole/, most);
});

test.run();
