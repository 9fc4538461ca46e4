// One MAC on two devices, and one device that only changed its address.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reading } from '../../src/domain/reading.js';
import { bytes } from '../../src/domain/units.js';
import { Doubles } from '../../src/engine/doubles.js';
import { mac } from './world.js';

type Moved = readonly [ip: string, up: number, down: number];

const reading = ([ip, up, down]: Moved, over: Partial<Reading> = {}): Reading => ({
  ...{ mac: mac(1), ip, up: bytes(up), down: bytes(down), open: true },
  ...{ fresh: false, reset: false, restored: false, gone: false },
  baseline: { mac: mac(1), ip, epoch: 1, up: bytes(up), down: bytes(down) },
  ...over,
});

/** Polls, a second apart, and whether two devices were found by the last of them. */
function found(polls: readonly (readonly Moved[])[], secondsApart = 1): boolean {
  const doubles = new Doubles();
  const results = polls.map((moved, i) =>
    doubles.note(
      moved.map((one) => reading(one)),
      i * secondsApart * 1000,
    ),
  );
  assert.ok(
    results.slice(0, -1).every((macs) => macs.length === 0),
    'not before the last poll',
  );
  return results.at(-1)!.length > 0;
}

const [a, b] = ['10.0.0.1', '10.0.0.2'];

test('a customer who changed address goes on while a server still sends to the old one', () => {
  assert.not(found([[[a, 500, 9000]], [[b, 500, 9000]], [[a, 0, 1500]], [[b, 500, 9000]], [[a, 0, 1500]]]));
});

test('a change of address within one poll is one device, in whatever order the portal lists the two', () => {
  for (const both of [
    [
      [a, 100, 100],
      [b, 100, 100],
    ],
    [
      [b, 100, 100],
      [a, 100, 100],
    ],
  ] satisfies Moved[][]) {
    assert.not(found([[[a, 100, 100]], both, [[b, 100, 100]], [[b, 100, 100]]]));
    assert.not(found([[[b, 100, 100]], both, [[a, 100, 100]], [[a, 100, 100]]]));
  }
});

test('two devices that send in turn are found', () => {
  assert.ok(found([[[a, 100, 0]], [[b, 100, 0]], [[a, 100, 0]]]));
});

test('two devices that both send all the time are found', () => {
  const both: Moved[] = [
    [a, 100, 0],
    [b, 100, 0],
  ];
  assert.ok(found([both, both]));
});

test('a device that comes back to an old address after a minute is one', () => {
  assert.not(found([[[a, 100, 0]], [[b, 100, 0]], [[a, 100, 0]]], 61));
});

test('an address that the portal lists no more is no evidence', () => {
  const doubles = new Doubles();
  const note = (moved: Moved, at: number, over: Partial<Reading> = {}) =>
    doubles.note([reading(moved, over)], at);
  note([a, 100, 0], 0);
  note([b, 100, 0], 1000);
  note([b, 0, 0], 2000, { gone: true });
  assert.equal(note([a, 100, 0], 3000), []);
});

test.run();
