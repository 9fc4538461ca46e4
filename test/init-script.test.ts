// The service's script, with stand-ins for what OpenWrt brings.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const log = join(dir, 'log');
test.after(() => rmSync(dir, { recursive: true }));

function program(name: string, ...lines: string[]): void {
  writeFileSync(join(dir, name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(dir, name), 0o755);
}

/** Runs `reload` as rc.common does that restarts a service whose reload fails. @param ubus what `ubus call` does */
function reload(ubus: string): Promise<{ code: number; out: string; err: string }> {
  program('ubus', ubus);
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

/**
 * What a reload calls.
 * @param drops what uci prints of `drop_root`
 * @param users the router's users
 * @param runs whose the daemon is that procd runs; undefined for none
 * @param should whose it should be
 * @param check what `turnpike check` exits with
 */
function reloaded(drops: string, users: string, runs?: string, should = 'root', check = 0): string[] {
  program('uci', drops === '' ? 'exit 1' : `echo ${drops}`);
  const service = runs === undefined ? '{}' : `{"turnpike":{"env":{"TURNPIKE_USER":"${runs}"}}}`;
  program(
    'ubus',
    `[ "$4" = list ] && { echo '${service}'; exit; }`,
    `[ "$6" = reload ] && echo reload >>${log} && echo '{"applied":true}'`,
  );
  program('turnpike', `exit ${check}`);
  program('gives', `echo gives >>${log}`, should === 'root' ? 'exit 1' : `echo ${should}`);
  rmSync(log, { force: true });
  const passwd = join(dir, 'passwd');
  writeFileSync(passwd, users);
  const init = readFileSync('files/etc/init.d/turnpike', 'utf8')
    .replaceAll('/etc/passwd', passwd)
    .replaceAll('/usr/lib/turnpike/user', 'gives');
  const script = `${init}\nstart() { echo start >>"$LOG"; }\nreload_service`;
  spawnSync('sh', ['-c', script], { env: { PATH: `${dir}:${process.env.PATH}`, LOG: log } });
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

const roots = 'root:x:0:0:root:/root:/bin/ash\n';
const both = `${roots}turnpiked:x:32768:32768:turnpiked:/var/run/turnpiked:/bin/false\n`;

test('a reload gives the daemon’s user the files that uci wrote, before it reads them', () => {
  assert.equal(reloaded('1', both, 'turnpiked', 'turnpiked'), ['gives', 'reload']);
});

test('a reload has procd start it anew where it is to be another’s, and asks not the one that is ending', () => {
  assert.equal(reloaded('1', roots, 'root', 'turnpiked'), ['gives', 'start']);
  assert.equal(reloaded('1', both, 'turnpiked', 'root'), ['gives', 'start']);
});

test('a typing error in a file that makes it another’s leaves the daemon as it is, which says what is wrong', () => {
  assert.equal(reloaded('1', roots, 'root', 'turnpiked', 1), ['gives', 'reload']);
});

test('a reload starts a daemon that is not there', () => {
  assert.equal(reloaded('1', both, undefined, 'turnpiked', 1), ['gives', 'start']);
});

test('an owner deletes drop_root: the reload has procd start it as root, who alone can read the new file', () => {
  assert.equal(reloaded('', both, 'turnpiked'), ['gives', 'start']);
});

test('on a router where nobody has ever set drop_root a reload starts nothing', () => {
  assert.equal(reloaded('', roots, 'root'), ['reload']);
});

test.run();
