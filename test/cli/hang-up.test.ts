// SIGHUP to a daemon whose reload fails altogether.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onHangUp } from '../../src/cli/hang-up.js';
import { settled } from '../rig/clock.js';

test('a reload that fails is in the log, and the daemon goes on', async () => {
  const log: string[] = [];
  const failed: unknown[] = [];
  const onFailure = (cause: unknown) => failed.push(cause);
  process.on('unhandledRejection', onFailure);
  const before = new Set(process.listeners('SIGHUP'));
  try {
    const hangUp = onHangUp((level, text) => log.push(`${level} ${text}`));
    process.emit('SIGHUP');
    hangUp.of({ reload: () => Promise.reject(new Error('the disk is gone')) });
    await settled();
    process.emit('SIGHUP');
    await settled();
    assert.equal(failed, [], 'it would end the process');
    assert.equal(log, Array(2).fill('error the reload failed: the disk is gone'));
  } finally {
    process.off('unhandledRejection', onFailure);
    for (const one of process.listeners('SIGHUP')) if (!before.has(one)) process.off('SIGHUP', one);
  }
});

test.run();
