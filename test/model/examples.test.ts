// What the random scripts have found, cut down: each is told as its customer saw it.
import { test } from 'uvu';
import type { Operation } from './operations.js';
import { play } from './play.js';

async function agree(operations: readonly Operation[]): Promise<void> {
  const failure = await play(1, [...operations, { do: 'quiet' }]);
  if (failure) throw new Error([failure.text, ...failure.log].join('\n'));
}

const buy = { do: 'buy', plan: 'data', steps: 3, twice: false } as const;

test('a customer whose till named the wrong portal is let in where their device is', () =>
  agree([{ ...buy, who: 2, at: 'lan' }]));

test('a customer whom their portal forgot is let in by the other portal that lists them', () =>
  agree([
    { do: 'join', who: 2, at: 'lan' },
    { do: 'quiet' },
    { ...buy, who: 2, at: 'lan' },
    { do: 'close', who: 2, reason: 'admin' },
    { ...buy, who: 2 },
  ]));

test('a restart takes nobody away from the portal where their gate is open, and bills what they moved', () =>
  agree([
    { do: 'join', who: 1, at: 'guest' },
    { do: 'quiet' },
    { ...buy, who: 1, at: 'guest' },
    { do: 'leave', who: 1 },
    { do: 'join', who: 1, at: 'guest' },
    { do: 'pass', ms: 3_000 },
    { do: 'join', who: 1, at: 'lan' },
    { do: 'kill', how: 'kill', calls: 0, off: 30_000, busy: 2 },
    { do: 'pass', ms: 1_000 },
  ]));

test('a login name that came with a refused voucher does not stay with the session', () =>
  agree([
    { do: 'print', plan: 'gift', steps: 1, count: 3, single: false, valid: 444 },
    { do: 'redeem', who: 2, voucher: 1 },
    { do: 'disk', fault: { call: 'sync', code: 'EIO', times: 2 } },
    { do: 'redeem', who: 2, voucher: 2, user: 'ada' },
  ]));

test.run();
