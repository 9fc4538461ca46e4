import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newTo, type Reading } from '../../src/domain/reading.js';
import { bytes } from '../../src/domain/units.js';
import { mac } from '../engine/world.js';

const baseline = (epoch: number, up: number, down: number) => ({
  mac: mac(1),
  ip: '10.0.0.1',
  epoch,
  up: bytes(up),
  down: bytes(down),
});

/** A ledger that knew nothing of the client tells all that its counters show. */
const unknownBefore = (epoch: number, up: number, down: number, over: Partial<Reading> = {}): Reading => ({
  mac: mac(1),
  ip: '10.0.0.1',
  up: bytes(up),
  down: bytes(down),
  open: true,
  fresh: true,
  reset: false,
  restored: false,
  gone: false,
  baseline: baseline(epoch, up, down),
  ...over,
});

test('a client who comes back after their row was taken out pays for nothing twice', () => {
  const known = baseline(7, 100, 1000);
  assert.equal(newTo(known, unknownBefore(7, 150, 1200)), { up: 50, down: 200 });
  assert.equal(newTo(known, unknownBefore(7, 100, 1000)), { up: 0, down: 0 });
});

test('in another epoch, or when a counter fell, all that it shows is new', () => {
  const known = baseline(7, 100, 1000);
  assert.equal(newTo(known, unknownBefore(8, 150, 1200)), { up: 150, down: 1200 });
  assert.equal(newTo(known, unknownBefore(7, 150, 900)), { up: 150, down: 900 });
  assert.equal(newTo(undefined, unknownBefore(7, 150, 1200)), { up: 150, down: 1200 });
});

test('what a ledger that knew the client tells is believed', () => {
  const known = baseline(7, 100, 1000);
  const told = unknownBefore(7, 170, 1200, { fresh: false, up: bytes(120), down: bytes(300) });
  assert.equal(newTo(known, told), { up: 120, down: 300 });
});

test.run();
