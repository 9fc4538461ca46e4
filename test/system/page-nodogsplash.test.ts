// A customer's browser on real nodogsplash, with the splash page that `turnpike setup nodogsplash` installs.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { customers } from './page/customer.js';
import { portalShop } from './page/portal-shop.js';
import { findNodogsplash, noDogSplash } from './rig/nodogsplash.js';

const test = suite('the page on nodogsplash');
const program = findNodogsplash();

if (program) customers(test, () => portalShop((page) => noDogSplash(program, '', page)));
else {
  console.log('  real nodogsplash: SKIPPED, there is none: name it in NODOGSPLASH to run these tests on it');
  // The runner counts tests: this one says that the search itself works.
  test('no nodogsplash is named that is not there', () => {
    assert.is(process.env.NODOGSPLASH, undefined);
  });
}

test.run();
