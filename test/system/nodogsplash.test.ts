import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alone } from './nodogsplash/alone.js';
import { findNodogsplash } from './rig/nodogsplash.js';

const test = suite('nodogsplash by itself');
const program = findNodogsplash();

if (program) alone(test, program);
else {
  console.log('  real nodogsplash: SKIPPED, there is none: name it in NODOGSPLASH to run these tests on it');
  // The runner counts tests: this one says that the search itself works.
  test('no nodogsplash is named that is not there', () => {
    assert.is(process.env.NODOGSPLASH, undefined);
  });
}

test.run();
