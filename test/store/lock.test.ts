// Who owns the directory.
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';

/** State and start time of a process (proc(5)). */
function statOf(pid: number): { state: string; start: string } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return { state: fields[0]!, start: fields[19]! };
}

test('a process that has ended and that nobody has asked after owns nothing', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'turnpike-lock-')), 'state');
  mkdirSync(directory);
  // A parent that never waits for its child, which ends when it is told to.
  const script = 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const pid = Number(
      await new Promise((resolve) => parent.stdout.once('data', (line) => resolve(String(line)))),
    );
    const become = async (is: () => boolean) => {
      while (!is()) await new Promise((resolve) => setImmediate(resolve));
    };
    await become(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim() === 'sleep');
    parent.stdin.end();
    await become(() => statOf(pid).state === 'Z');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    symlinkSync(`${pid} ${statOf(pid).start} ${boot}`, join(directory, 'lock'));
    const { store } = await openStore({ directory });
    assert.is(store.append({ n: 1 }), 1);
    await store.close();
  } finally {
    parent.kill('SIGKILL');
    rmSync(join(directory, '..'), { recursive: true });
  }
});

test('a file in the place of the lock, as from a backup that keeps no links, is nobody’s', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-lock-'));
  try {
    writeFileSync(join(directory, 'lock'), '');
    const { store, recovered } = await openStore({ directory });
    assert.equal(recovered.setAside, []);
    assert.is(store.append({ n: 1 }), 1);
    assert.match(readlinkSync(join(directory, 'lock')), new RegExp(`^${process.pid} `));
    await store.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
