// What ends the daemon besides a signal: test/cli/daemon.test.ts has those.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ended, jailIsLeft } from '../../src/cli/ended.js';

const signals = ['SIGTERM', 'SIGINT'] as const;
const kept = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));

test.after.each(() => {
  for (const signal of signals) {
    for (const one of process.listeners(signal)) {
      if (!kept.get(signal)?.has(one)) process.off(signal, one);
    }
  }
});

test('a daemon whose jail was killed ends: procd cannot reach it any more, and starts another', async () => {
  const parents = [700, 700, 700, 1];
  const isLeft = jailIsLeft({ container: 'ujail' }, () => parents.shift() ?? 1);
  await ended(isLeft, 1);
  assert.equal(parents, []);
});

test('a daemon without a jail has nobody to lose, whoever started it', () => {
  assert.is(
    jailIsLeft({}, () => 1),
    undefined,
  );
  assert.is(
    jailIsLeft({ container: 'lxc' }, () => 1),
    undefined,
  );
});

test.run();
