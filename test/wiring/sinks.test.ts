// Subscribers hear of an upstream when it comes up and when it goes, once each.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Notice } from '../../src/ports/notice.js';
import type { UpstreamStatus } from '../../src/ports/sink.js';
import { Sinks } from '../../src/wiring/sinks.js';

test('each change is told once, with what is wrong', () => {
  const told: Notice[] = [];
  let standings: (UpstreamStatus & { name: string })[] = [];
  const sinks = new Sinks(
    () => standings,
    (notice) => told.push(notice),
  );
  const radius = (state: UpstreamStatus['state'], error = '') => {
    standings = [
      { name: 'radius', state, backlog: 3, error },
      { name: 'mqtt', state: 'up', backlog: 0, error: '' },
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
  let standings: (UpstreamStatus & { name: string })[] = [
    { name: 'mqtt', state: 'up', backlog: 0, error: '' },
  ];
  const sinks = new Sinks(
    () => standings,
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

test.run();
