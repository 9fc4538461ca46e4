import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/wiring/schema.js';
import { faultsOf, gateway } from './load.js';

const cashu = (plan: string) =>
  `config cashu 'cashu'\n\toption enabled '1'\n\tlist mint 'https://m.example sat'\n\toption tollgate '${plan}'\n`;
const plan = (...lines: string[]) =>
  `config plan 'data'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '1 SAT'\n${lines.join('')}`;

test('a plan that is to be sold to TollGates and is not there is a fault, with the one that was meant', () => {
  const result = loadConfig(`${gateway}${plan()}${cashu('date')}`, 'f');
  assert.equal(result.ok ? [] : result.faults.map(({ line, option, message }) => [line, option, message]), [
    [10, 'tollgate', "there is no plan 'date' (did you mean 'data'?)"],
  ]);
  assert.equal(faultsOf(`${gateway}${plan()}${cashu('data')}`), []);
  assert.equal(faultsOf(`${gateway}${cashu('data')}${plan()}`), []);
});

test('decimals behind a unit that has none are a fault: each price would be another', () => {
  const faults = (mint: string) =>
    faultsOf(`${gateway}${plan()}${cashu('data').replace('https://m.example sat', mint)}`);
  for (const mint of ['https://m.example sat 8', 'https://m.example usd 3', 'https://m.example sat eight'])
    assert.ok(faults(mint).includes('9 mint bad_value'), `${mint}: ${faults(mint)}`);
  assert.equal(faults('https://m.example sat 0'), []);
});

test('a plan that is not for sale cannot be sold to TollGates', () => {
  assert.equal(faultsOf(`${gateway}${plan("\toption enabled '0'\n")}${cashu('data')}`), [
    '11 tollgate conflict',
  ]);
});

test('a plan with a fault of its own is one fault, not two', () => {
  assert.equal(faultsOf(`${gateway}${plan("\toption max_steps 'x'\n")}${cashu('data')}`), [
    '7 max_steps bad_value',
  ]);
});

test.run();
