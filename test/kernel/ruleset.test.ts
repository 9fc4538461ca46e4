// What stands in the table for the portals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { empty, withPremises } from '../../src/kernel/ruleset.js';
import type { Premises } from '../../src/ports/premises.js';

const at = (interfaces: readonly string[], exclusive: boolean): Premises => ({
  ...{ interfaces, exclusive, trusted: [], open: [] },
});

test('an interface of two portals, of which one shares its gates, is gated and counted once', () => {
  const { elements } = withPremises(empty(), [at(['br-lan', 'wlan0'], false), at(['br-lan'], true)]);
  assert.equal([...elements.get('sale')!.keys()], ['br-lan']);
  assert.equal([...elements.get('shared')!.keys()], ['wlan0']);
});

test.run();
