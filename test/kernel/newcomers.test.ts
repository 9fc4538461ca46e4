// Whose connections are known to be of one session alone, between two looks at them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMac } from '../../src/domain/mac.js';
import { Newcomers } from '../../src/kernel/newcomers.js';
import { newPiece } from '../../src/kernel/piece.js';
import { hold } from './wanted.js';

const used = { up: 0, down: 0 };
const pieceOf = (n: number, device = n) => {
  const mac = parseMac(
    `02:00:00:00:${[device >> 8, device & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
  )!;
  return newPiece(1, hold(`s${n}`, { mac }), used);
};

test('where connections are never looked at, devices that have left are not remembered for ever', () => {
  const newcomers = new Newcomers();
  for (let n = 0; n < 3_000; n++) {
    newcomers.note({ before: [], after: [pieceOf(n)] }, n);
    newcomers.note({ before: [pieceOf(n)], after: [] }, n);
  }
  assert.is(newcomers.size, 0);
  // The device of the last session may have connections of it, and nobody knows any more that it has left.
  newcomers.note({ before: [], after: [pieceOf(5_000, 2_999)] }, 1);
  newcomers.note({ before: [], after: [pieceOf(6_000)] }, 1);
  assert.is(newcomers.size, 0);
  newcomers.seen(new Map());
  newcomers.note({ before: [], after: [pieceOf(7_000)] }, 9);
  assert.is(newcomers.sinceOf('s7000'), 9);
});

test.run();
