// However a rig ends, nothing of it is left on the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { openNds } from './rig/opennds.js';
import { startRig } from './rig/rig.js';
import { RigError, run } from './rig/room.js';

/** Everything on the machine that is still in one of these namespaces. */
function inhabitants(namespaces: readonly string[]): string[] {
  const inside = (pid: string) =>
    ['net', 'mnt', 'pid'].some((kind) => {
      try {
        return namespaces.includes(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        return false; // Gone since the folder was read.
      }
    });
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && inside(name));
}

async function outside(): Promise<string> {
  return (await run('ip', ['-o', 'link'])) + readFileSync('/proc/self/mountinfo', 'utf8');
}

/** Runs a program that leaves its rig behind and gives the ids of that rig's namespaces once it has ended. */
async function abandon(how: 'throw' | 'wait', signal?: NodeJS.Signals): Promise<string[]> {
  const program = fileURLToPath(new URL('./rig/abandoned.js', import.meta.url));
  const child = spawn(process.execPath, [program, how], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const exit = once(child, 'exit');
  const first = await child.stdout[Symbol.asyncIterator]().next();
  assert.not.ok(first.done, 'the program ended before its rig stood');
  if (signal) child.kill(signal);
  await exit;
  return JSON.parse(String(first.value)) as string[];
}

async function vanish(namespaces: readonly string[]): Promise<void> {
  await until(
    'all gone',
    () => inhabitants(namespaces).length === 0,
    () => inhabitants(namespaces),
  );
}

test('nothing of a rig is on the machine outside it, nor anywhere once it is stopped', async () => {
  const before = await outside();
  const other = await startRig({ clients: 1 });
  assert.is(await outside(), before);
  const namespaces = other.rooms.flatMap((room) => room.namespaces());
  assert.ok(inhabitants(namespaces).length > 3);
  await other.stop();
  assert.equal(inhabitants(namespaces), []);
  assert.not.ok(existsSync(other.socket));
  assert.is(await outside(), before);
});

test('a rig that cannot start says why', async () => {
  try {
    await startRig({ clients: 1, portal: openNds('/nowhere') });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RigError);
    assert.match((error as RigError).message, 'no usr/bin/opennds in /nowhere');
  }
});

test('a rig whose test throws leaves nothing behind', async () => {
  await vanish(await abandon('throw'));
});

test('a rig whose test is ended by SIGTERM or SIGKILL leaves nothing behind', async () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) await vanish(await abandon('wait', signal));
});

test.run();
