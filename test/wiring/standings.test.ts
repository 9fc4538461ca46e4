// Subscribers hear of an upstream when it comes up and when it goes, once each.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Notice } from '../../src/ports/notice.js';
import type { Standing } from '../../src/ports/upstream.js';
import { StandingWatch } from '../../src/wiring/standings.js';

test('each change is told once, with what is wrong', () => {
  const told: Notice[] = [];
  let standings: (Standing & { name: string })[] = [];
  const sinks = new StandingWatch(
    () => ({ sink: standings, authorizer: [], payment: [] }),
    (notice) => told.push(notice),
  );
  const radius = (state: Standing['state'], error = '') => {
    standings = [
      { name: 'radius', state, error },
      { name: 'mqtt', state: 'up', error: '' },
    ];
    sinks.look();
    return told.splice(0);
  };
  assert.equal(radius('connecting'), [{ type: 'sink.up', sink: 'mqtt', detail: '' }]);
  assert.equal(radius('up'), [{ type: 'sink.up', sink: 'radius', detail: '' }]);
  assert.equal(radius('up'), []);
  assert.equal(radius('down', 'no answer'), [{ type: 'sink.down', sink: 'radius', detail: 'no answer' }]);
  assert.equal(radius('down', 'still no answer'), []);
  assert.equal(radius('connecting'), []);
  assert.equal(radius('up'), [{ type: 'sink.up', sink: 'radius', detail: '' }]);
});

test('one that is configured anew is told of anew, and one that is gone is not', () => {
  const told: string[] = [];
  let standings: (Standing & { name: string })[] = [{ name: 'mqtt', state: 'up', error: '' }];
  const sinks = new StandingWatch(
    () => ({ sink: standings, authorizer: [], payment: [] }),
    ({ type }) => told.push(type),
  );
  sinks.look();
  const before = standings;
  standings = [];
  sinks.look();
  standings = before;
  sinks.look();
  assert.equal(told, ['sink.up', 'sink.up']);
});

test('logins and payments are told of by their own names', () => {
  const told: Notice[] = [];
  const down = { name: 'radius', state: 'down', error: 'silent' } as const;
  const up = { name: 'escrow', state: 'up', error: '' } as const;
  const watch = new StandingWatch(
    () => ({ sink: [], authorizer: [down], payment: [up] }),
    (notice) => told.push(notice),
  );
  watch.look();
  assert.equal(told, [
    { type: 'authorizer.down', authorizer: 'radius', detail: 'silent' },
    { type: 'payment.up', payment: 'escrow', detail: '' },
  ]);
});

test.run();
