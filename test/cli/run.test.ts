// Signals to a daemon that is still starting.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shop } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { program } from './turnpike.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

/**
 * Starts a daemon whose configuration is a named pipe, so that it reads no sooner than the test writes: first to see
 * whether turnpike is switched on, then to start, then for each reload.
 */
function start(name: string) {
  const config = join(dir, name);
  execFileSync('mkfifo', [config]);
  const child = spawn(process.execPath, [program, 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const main = {
    directory: join(dir, `${name}-state`),
    socket: join(dir, 'ubus.sock'),
    backstop: '0',
    nft: '/dev/null',
  };
  const lines = Object.entries(main).map(([option, value]) => `\toption ${option} '${value}'\n`);
  const content = `config turnpike 'main'\n${lines.join('')}${shop(join(dir, 'ndsctl.sock'))}`;
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    log += chunk;
  });
  return {
    child,
    log: () => log,
    ended: once(child, 'close') as Promise<[number | null]>,
    says: (line: string) =>
      until(
        line,
        () => log.includes(line),
        () => log,
      ),
    /** `meanwhile` is done while the daemon waits for the rest of its configuration. */
    async write(meanwhile = () => {}) {
      const pipe = await open(config, 'w');
      meanwhile();
      await pipe.writeFile(content);
      await pipe.close();
    },
    /** Resolves when the daemon has read its configuration once, and listens for signals. */
    listens: () => until('handlers of signals', () => catches(child.pid!, constants.signals.SIGHUP)),
  };
}

/** Whether a process has a handler for a signal (proc(5), `status`, SigCgt). */
function catches(pid: number, signal: number): boolean {
  const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

test('a reload that is asked for while the daemon starts is made when it is up', async () => {
  const { child, log, ended, says, write, listens } = start('reloaded');
  await write();
  await listens();
  await write(() => child.kill('SIGHUP'));
  await says('is up');
  await write();
  await says('configuration applied');
  child.kill('SIGTERM');
  assert.is((await ended)[0], 0, log());
});

test('a daemon that is told to end while it starts ends in order', async () => {
  const { child, log, ended, write, listens } = start('ended');
  await write();
  await listens();
  await write(() => child.kill('SIGTERM'));
  assert.is((await ended)[0], 0, log());
  assert.match(log(), 'stopped: all usage is written');
});

test.run();
