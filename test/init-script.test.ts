// The service's script, with stand-ins for what OpenWrt brings.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

/** Runs `reload` as rc.common does that restarts a service whose reload fails. @param ubus what `ubus call` does */
function reload(ubus: string): Promise<{ code: number; out: string; err: string }> {
  writeFileSync(join(dir, 'ubus'), `#!/bin/sh\n${ubus}\n`);
  chmodSync(join(dir, 'ubus'), 0o755);
  const script = `start() { echo started; }; restart() { echo restarted; }
. ./files/etc/init.d/turnpike
reload_service || restart`;
  const env = { PATH: `${dir}:${process.env.PATH}` };
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out: out.trim(), err: err.trim() });
    });
  });
}

test('a reload that is applied succeeds', async () => {
  assert.equal(await reload('echo \'{"applied":true}\''), { code: 0, out: '', err: '' });
});

test('a reload that finds faults fails with a message, and restarts nothing', async () => {
  const { code, out, err } = await reload('echo \'{"applied":false,"error":{"code":"bad_config"}}\'');
  assert.equal([code, out], [1, '']);
  assert.match(err, 'the configuration was not applied');
});

test('a daemon that is not there is started', async () => {
  assert.equal(await reload('exit 4'), { code: 0, out: 'started', err: '' });
});

test.run();
