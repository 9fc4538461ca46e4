import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { conform } from './conformance.js';
import { realUbusd, skipped, ubusd } from './real.js';
import type { Context } from './rig.js';

const test = suite<Context>('real ubusd');

if (ubusd) {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const daemon = realUbusd(ubusd, join(dir, 'ubus.sock'));
  test.before.each(async (c) => {
    c.clients = [];
    await daemon.start();
    c.daemon = daemon;
  });
  test.after.each(async (c) => {
    for (const client of c.clients) client.close();
    await daemon.stop();
  });
  test.after(() => rmSync(dir, { recursive: true }));
  conform(test);
} else {
  // The runner counts tests: this one says that the search itself works.
  test('no ubusd is named that is not there', () => skipped('the client on a real ubusd'));
}

test.run();
