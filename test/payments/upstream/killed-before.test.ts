import { test } from 'uvu';
import { killedAtEach } from './killed.js';

test('a kill before any write or request of a purchase neither pays twice nor loses a coin', () =>
  killedAtEach(0));

test.run();
