import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { type ControlTarget, NdsctlError, request } from '../../../src/portals/ndsctl/socket.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { mac } from '../../engine/world.js';

interface Context {
  dir: string;
  portal: SimulatedPortal;
  target: ControlTarget;
}

const test = suite<Context>('ndsctl');

test.before.each(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.target = { transport: 'socket', path };
  c.portal = new SimulatedPortal(opennds, path);
  await c.portal.start();
});

test.after.each(async (c) => {
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
});

async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'ok';
  } catch (cause) {
    assert.instance(cause, NdsctlError);
    return (cause as NdsctlError).code;
  }
}

test('a reply is read to its end, with no kick', async ({ portal, target }) => {
  for (let i = 1; i <= 200; i++) portal.join(mac(i % 250), `10.0.${i >> 8}.${i & 255}`);
  const { reply, kicks } = await request(target, 'json', { timeoutMs: 1000 });
  assert.is(Object.keys(JSON.parse(reply.toString()).clients).length, 200);
  assert.is(kicks, 0);
});

test('a wedged portal is kicked until it answers', async ({ portal, target }) => {
  for (const depth of [1, 2, 3]) {
    portal.server.wedge();
    const { reply, kicks } = await request(target, 'status', { timeoutMs: 50 });
    assert.match(reply.toString(), 'Current clients');
    assert.is(kicks, depth);
  }
});

test('what is known to be late is kicked at once, and not given up sooner', async ({ portal, target }) => {
  portal.server.wedge();
  portal.server.wedge();
  // The time-out alone would be longer than the test may take.
  const { kicks } = await request(target, 'status', { timeoutMs: 600_000, late: 2 });
  assert.is(kicks, 2);
  portal.faults.delayMs = 300;
  const slow = await request(target, 'status', { timeoutMs: 1_000, late: 2 });
  assert.match(slow.reply.toString(), 'Current clients');
});

test('parallel requests do wedge this portal, so the rule has its reason', async ({ portal, target }) => {
  portal.faults.delayMs = 20;
  const asks = Array.from({ length: 5 }, () => request(target, 'status', { timeoutMs: 5000 }));
  const race = await Promise.race([Promise.all(asks), new Promise((r) => setTimeout(r, 300, 'stuck'))]);
  assert.is(race, 'stuck');
  assert.ok(portal.server.stuck > 0);
  portal.faults.delayMs = 0;
  // Each further connection frees one.
  while (portal.server.stuck > 0 && portal.server.mostAtOnce < 100) {
    const settled = await Promise.race([Promise.all(asks).then(() => true), kick(target)]);
    if (settled) break;
  }
  for (const { reply } of await Promise.all(asks)) assert.match(reply.toString(), 'Current clients');
});

async function kick(target: ControlTarget): Promise<boolean> {
  await request(target, 'status', { timeoutMs: 30 }).catch(() => {});
  return false;
}

test('a portal that never answers is a time-out after all kicks', async ({ portal, target }) => {
  portal.faults.hang = true;
  assert.is(await codeOf(request(target, 'json', { timeoutMs: 10 })), 'timeout');
});

test('no socket, a dead socket and a call that is called off are told apart', async ({
  portal,
  target,
  dir,
}) => {
  const absent = { transport: 'socket', path: join(dir, 'none.sock') } as const;
  assert.is(await codeOf(request(absent, 'json', { timeoutMs: 100 })), 'absent');
  const dead = join(dir, 'dead.sock');
  await leaveDeadSocket(dead);
  assert.is(
    await codeOf(request({ transport: 'socket', path: dead }, 'json', { timeoutMs: 100 })),
    'refused',
  );
  portal.faults.hang = true;
  const abort = new AbortController();
  const asked = request(target, 'json', { timeoutMs: 5000, signal: abort.signal });
  abort.abort();
  assert.is(await codeOf(asked), 'aborted');
});

/** A socket file that nobody listens on, as a killed daemon leaves it. */
function leaveDeadSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  return import('node:child_process').then(
    ({ spawn }) =>
      new Promise((resolve) => spawn(process.execPath, ['-e', script]).on('exit', () => resolve())),
  );
}

test('characters that a shell could take for its own never reach the portal', async ({ target }) => {
  for (const command of [
    'auth $(reboot)',
    'auth a;b',
    'auth a b',
    'json\nauth x',
    'auth `x`',
    "auth '",
    '',
    'json ',
  ]) {
    assert.is(await codeOf(request(target, command, { timeoutMs: 100 })), 'failed', command);
  }
});

test('an empty reply is a reply, and a connection that is dropped is not', async ({
  portal,
  target,
  dir,
}) => {
  portal.faults.empty = true;
  assert.is((await request(target, 'json', { timeoutMs: 500 })).reply.length, 0);
  const path = join(dir, 'rude.sock');
  const rude: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(path, resolve));
  const code = await codeOf(request({ transport: 'socket', path }, 'json', { timeoutMs: 500 }));
  assert.ok(['failed', 'ok'].includes(code), code);
  await new Promise((resolve) => rude.close(resolve));
});

test('the command as a transport: replies, a missing file, a command that hangs', async ({ dir }) => {
  const { writeFileSync } = await import('node:fs');
  const file = join(dir, 'ndsctl');
  writeFileSync(file, '#!/bin/sh\n[ "$1" = auth ] && { echo No; exit 1; }\nprintf "%s|%s" "$1" "$2"\n', {
    mode: 0o755,
  });
  const target = { transport: 'command', file } as const;
  assert.is((await request(target, `json ${mac(1)}`, { timeoutMs: 100 })).reply.toString(), `json|${mac(1)}`);
  assert.is((await request(target, `auth ${mac(1)}`, { timeoutMs: 100 })).reply.toString(), 'No\n');
  const none = { transport: 'command', file: join(dir, 'none') } as const;
  assert.is(await codeOf(request(none, 'json', { timeoutMs: 100 })), 'absent');
});

test.run();
