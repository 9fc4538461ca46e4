// What a scan costs the daemon: a busy machine is no reason to start a thread.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { busyTime } from '../../workers/busy.js';

test('time in which somebody else has the processor is not the scan’s', () => {
  const busy = busyTime();
  const began = performance.now();
  // The thread stands still, as when it is not its turn.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  assert.ok(performance.now() - began >= 150);
  assert.ok(busy() < 100, `${busy()} ms`);
});

test('its own work is', () => {
  const busy = busyTime();
  const before = process.cpuUsage();
  // In microseconds; the compiler's threads have a part of it.
  const most = 1_000_000;
  while (busy() < 20 && process.cpuUsage(before).user < most);
  assert.ok(busy() >= 20, `${busy()} ms`);
});

test.run();
