// Scripts that run on the router, in Debian's shellcheck.
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const scripts = [
  'files/usr/bin/turnpike',
  'files/usr/lib/turnpike/remove',
  'files/usr/lib/turnpike/router',
  'files/usr/lib/turnpike/start',
  'files/usr/lib/turnpike/user',
  'files/etc/hotplug.d/ntp/90-turnpike',
  'files/etc/init.d/turnpike',
  'files/etc/uci-defaults/40_turnpike',
  'luci-app/root/etc/uci-defaults/40_luci-turnpike',
  'luci-app/root/usr/libexec/rpcd/turnpike-root',
];

test('shellcheck has nothing to say', () => {
  // BusyBox ash has `local`, and rc.common is no shell that shellcheck knows.
  const { stdout, status } = spawnSync('shellcheck', ['--shell=dash', ...scripts]);
  assert.is(`${stdout}`, '');
  assert.is(status, 0);
});

test.run();
