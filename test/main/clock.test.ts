// A daemon on a router whose clock shows an earlier time than its records.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import { shop, startProcess } from '../rig/daemon.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

test('a start with a clock that is behind goes on from the newest record, and says so', async () => {
  const state = join(dir, 'state');
  const newest = Date.now() + 36_000_000;
  const { store } = await openStore({ directory: state });
  store.append({ t: 'boot', at: newest, boot: 'b', machine: 'm', rebooted: false });
  await store.close();
  const daemon = await startProcess(shop(join(dir, 'nds.sock')), { state });
  try {
    const { clock } = (await daemon.call('status')) as { clock: { state: string; time: number } };
    assert.is(clock.state, 'behind');
    assert.ok(clock.time >= Math.floor(newest / 1000), `${clock.time}`);
    assert.match(
      daemon.log(),
      /clock: it shows .* before the newest record: time goes on from .* until it is set/,
    );
  } finally {
    await daemon.close();
  }
});

test.run();
