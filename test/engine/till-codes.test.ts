// Short codes that customers show a cashier: each names one device, and no other soon after.
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { TillCodes } from '../../src/engine/till-codes.js';
import { TestClock } from '../rig/clock.js';

const minute = 60_000;
const device = (n: number) => `device ${n}` as Mac;

test('a device keeps its code as long as it is asked for, and the code names it', async () => {
  const clock = new TestClock();
  const codes = new TillCodes(clock, randomBytes);
  const { code } = codes.of(device(1));
  assert.match(code, /^[1-9]\d{3}$/);
  for (let i = 0; i < 5; i++) {
    await clock.pass(9 * minute);
    assert.is(codes.of(device(1)).code, code);
    assert.is(codes.find(code), device(1));
  }
  await clock.pass(10 * minute);
  assert.is(codes.find(code), undefined);
  assert.is(codes.known(device(1)), undefined);
});

test('a code that is over names no other device for some minutes', async () => {
  const clock = new TestClock();
  // Draws the same number for everybody, then the next one.
  let drawn = 0;
  const codes = new TillCodes(clock, () => Uint8Array.from([0, 0, 0, Math.floor(drawn++ / 2)]));
  const { code } = codes.of(device(1));
  await clock.pass(11 * minute);
  assert.is.not(codes.of(device(2)).code, code);
  assert.is.not(codes.of(device(1)).code, code);
});

test('no two devices have the same code, and codes grow longer before they become scarce', () => {
  const codes = new TillCodes(new TestClock(), randomBytes);
  const all = Array.from({ length: 1_500 }, (_, n) => codes.of(device(n)).code);
  assert.is(new Set(all).size, 1_500);
  assert.ok(all.slice(0, 300).every((code) => code.length === 4));
  assert.ok(all.slice(500).every((code) => code.length === 5));
  assert.ok(all.every((code, n) => codes.find(code) === device(n)));
});

test('a flood of devices takes no more than its share of memory, and those of before go first', () => {
  const codes = new TillCodes(new TestClock(), randomBytes);
  const first = codes.of(device(0)).code;
  for (let n = 1; n <= 5_000; n++) codes.of(device(n));
  assert.is(codes.find(first), undefined);
  const kept = Array.from({ length: 5_001 }, (_, n) => codes.known(device(n))).filter(Boolean);
  assert.ok(kept.length <= 2_000, `${kept.length}`);
});

test.run();
