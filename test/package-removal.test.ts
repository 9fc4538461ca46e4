// What the package does before it is removed, with stand-ins for what OpenWrt and the kernel do.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const log = join(dir, 'log');
const program = join(dir, 'remove');

function standIn(name: string, ...lines: string[]): void {
  writeFileSync(join(dir, name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(dir, name), 0o755);
}

test.before(() => {
  const script = readFileSync('files/usr/lib/turnpike/remove', 'utf8');
  writeFileSync(
    program,
    script.replaceAll('/etc/init.d/turnpike', join(dir, 'init')).replaceAll('/usr/bin/turnpike', 'turnpike'),
  );
  standIn('nft', `echo "nft $*" >>${log}`);
  standIn('turnpike', `echo "turnpike $*" >>${log}`);
});
test.after(() => rmSync(dir, { recursive: true }));

/** Removes the package while this daemon is at work. @returns what happened, in order */
async function removed(daemon: string): Promise<string[]> {
  rmSync(log, { force: true });
  const child = spawn('sh', ['-c', `${daemon}\necho ready\nwhile :; do read -r _; done`]);
  await once(child.stdout, 'data');
  standIn('ubus', `[ "$4" = list ] && echo '{"turnpike":{"instances":{"one":{"pid":${child.pid}}}}}'`);
  // procd sends the signal and waits for nothing.
  standIn('init', `echo "init $*" >>${log}`, `kill -TERM ${child.pid}`);
  await promisify(execFile)('sh', [program], { env: { PATH: `${dir}:${process.env.PATH}` } });
  child.kill('SIGKILL');
  return readFileSync(log, 'utf8').trim().split('\n');
}

test('the caps go when the daemon has ended: one at work would put them back', async () => {
  // The daemon has time to end while the script sleeps, and not before.
  standIn('sleep', `touch ${dir}/time`, `until grep -q ended ${log}; do :; done`);
  assert.equal(
    await removed(`trap 'until [ -e ${dir}/time ]; do :; done; echo ended >>${log}; exit 0' TERM`),
    ['init stop', 'ended', 'turnpike leave --yes', 'nft delete table inet turnpike'],
  );
});

test('a daemon that does not end keeps nobody from removing the package', async () => {
  standIn('sleep', '');
  assert.equal(await removed("trap '' TERM"), [
    'init stop',
    'turnpike leave --yes',
    'nft delete table inet turnpike',
  ]);
});

test('an upgrade leaves sessions, gates and caps alone, however the package manager says that it is one', async () => {
  rmSync(log, { force: true });
  const PATH = `${dir}:${process.env.PATH}`;
  const run = (args: string[], env = {}) =>
    promisify(execFile)('sh', [program, ...args], { env: { PATH, ...env } });
  await run([], { PKG_UPGRADE: '1' });
  await run(['upgrade', '0.2.0-1']);
  await run(['/usr/lib/opkg/info/turnpike.prerm', 'upgrade', '0.2.0-1']);
  assert.not(existsSync(log));
  await run(['remove'], { PKG_UPGRADE: '0' });
  assert.match(readFileSync(log, 'utf8'), 'turnpike leave --yes');
});

test('both ways to build the package shut the gates before a removal', () => {
  for (const file of ['Makefile', 'package.mjs']) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = lines.find((one) => one.includes('/usr/lib/turnpike/remove')) ?? '';
    assert.match(line, /IPKG_INSTROOT\}" \] \|\| \/usr\/lib\/turnpike\/remove "\$+@"/, file);
  }
  assert.ok(existsSync('files/usr/lib/turnpike/remove'));
});

test.run();
