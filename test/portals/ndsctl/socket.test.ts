import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { NdsctlError } from '../../../src/portals/ndsctl/error.js';
import { ReplyBytes } from '../../../src/portals/ndsctl/reply-bytes.js';
import { type ControlTarget, request } from '../../../src/portals/ndsctl/socket.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { mac } from '../../engine/world.js';
import { until } from '../../rig/until.js';

interface Context {
  dir: string;
  portal: SimulatedPortal;
  target: ControlTarget & { transport: 'socket' };
}

const test = suite<Context>('ndsctl');

test.before.each(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.target = { transport: 'socket', path };
  c.portal = new SimulatedPortal(opennds, path);
  c.portal.server.proc = join(c.dir, 'proc');
  process.env.TURNPIKE_PROC = c.portal.server.proc;
  mkdirSync(c.portal.server.proc);
  symlinkSync('/proc/locks', join(c.dir, 'proc', 'locks'));
  await c.portal.start();
});

test.after.each(async (c) => {
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
  delete process.env.TURNPIKE_PROC;
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

test('a reply is read to its end', async ({ portal, target }) => {
  for (let i = 1; i <= 200; i++) portal.join(mac(i % 250), `10.0.${i >> 8}.${i & 255}`);
  const { reply, lag } = await request(target, 'json');
  assert.is(Object.keys(JSON.parse(reply.toString()).clients).length, 200);
  assert.is(lag, 0);
});

test('a portal that is busy is waited for, on one connection', async ({ portal, target }) => {
  portal.faults.delayMs = 1_200;
  const { lag } = await request(target, 'status');
  assert.is(lag, 0);
  assert.is(portal.server.connections, 1);
});

test('a portal that lags is asked on until the answer comes, and lags no more than before', async ({
  portal,
  target,
}) => {
  for (const depth of [1, 2, 3]) {
    portal.server.wedge();
    for (const known of [0, depth]) {
      const { reply, lag } = await request(target, 'status', { lag: known });
      assert.match(reply.toString(), 'Current clients');
      assert.is(lag, depth);
    }
  }
  assert.is(portal.server.empties, 0, 'no connection came without a request');
});

test('what somebody else asks at the same time makes it lag, and each of ours is answered all the same', async ({
  portal,
  target,
}) => {
  portal.faults.delayMs = 100;
  const strangers = Array.from({ length: 4 }, () => createConnection(target.path).on('error', () => {}));
  for (const stranger of strangers) stranger.write('status\n');
  await until('one is served', () => portal.server.connections === 4);
  for (let i = 0; i < 3; i++)
    assert.match((await request(target, 'status')).reply.toString(), 'Current clients');
  for (const stranger of strangers) stranger.destroy();
});

test('a portal that never answers is busy, and is not pressed', async ({ portal, target }) => {
  portal.faults.hang = true;
  assert.is(await codeOf(request(target, 'json', { patience: { silenceMs: 300 } })), 'busy');
  assert.is(portal.server.connections, 1);
});

test('a command ndsctl at work is waited for', async ({ portal, target, dir }) => {
  const lock = join(dir, 'ndsctl.lock');
  const held = await holdLock(lock);
  assert.is(await codeOf(request(target, 'status', { patience: { turnMs: 100 } })), 'busy');
  const asked = request(target, 'status');
  assert.is(portal.server.connections, 0);
  held.kill();
  assert.match((await asked).reply.toString(), 'Current clients');
});

/** Locks a file as the command does: with lockf. */
async function holdLock(file: string): Promise<ChildProcess> {
  const script = `open my $f, '+>', $ARGV[0]; my $l = pack('s s x4 q q i x4', 1, 0, 0, 0, 0); fcntl($f, 6, $l) or die; $| = 1; print "held"; <STDIN>`;
  const holder = spawn('perl', ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return holder;
}

test('a reply that drips ends, and so does one that is huge', async ({ dir }) => {
  const sockets = new Set<Socket>();
  const serve = async (name: string, begin: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      begin(socket);
    });
    await new Promise<void>((resolve) => server.listen(join(dir, name), resolve));
    return server;
  };
  const dripping = await serve('drip.sock', (socket) => {
    const timer = setInterval(() => socket.write(' '), 10);
    socket.on('close', () => clearInterval(timer));
  });
  const huge = await serve('huge.sock', (socket) => {
    const more = () => socket.writable && socket.write(Buffer.alloc(1024 * 1024, 32), more);
    more();
  });
  const at = (name: string): ControlTarget => ({ transport: 'socket', path: join(dir, name) });
  assert.is(await codeOf(request(at('drip.sock'), 'json', { patience: { wholeMs: 300 } })), 'timeout');
  const into = new ReplyBytes();
  assert.is(await codeOf(request(at('huge.sock'), 'json', { into })), 'failed');
  assert.ok(into.capacity > 16 * 1024 * 1024);
  into.shrink();
  assert.ok(into.capacity < 100 * 1024, 'its memory is given back');
  for (const socket of sockets) socket.destroy();
  await Promise.all([dripping, huge].map((server) => new Promise((resolve) => server.close(resolve))));
});

test('no socket, a dead socket and a call that is called off are told apart', async ({
  portal,
  target,
  dir,
}) => {
  const absent = { transport: 'socket', path: join(dir, 'none.sock') } as const;
  assert.is(await codeOf(request(absent, 'json')), 'absent');
  const dead = join(dir, 'dead.sock');
  await leaveDeadSocket(dead);
  assert.is(await codeOf(request({ transport: 'socket', path: dead }, 'json')), 'refused');
  portal.faults.hang = true;
  const abort = new AbortController();
  const asked = request(target, 'json', { signal: abort.signal });
  abort.abort();
  assert.is(await codeOf(asked), 'aborted');
});

/** A socket file that nobody listens on, as a killed daemon leaves it. */
function leaveDeadSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  return new Promise((resolve) => spawn(process.execPath, ['-e', script]).on('exit', () => resolve()));
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
    assert.is(await codeOf(request(target, command)), 'failed', command);
  }
});

test('an empty reply is a reply, and a connection that is dropped is not', async ({
  portal,
  target,
  dir,
}) => {
  portal.faults.empty = true;
  assert.is((await request(target, 'json')).reply.length, 0);
  const path = join(dir, 'rude.sock');
  const rude: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(path, resolve));
  const code = await codeOf(request({ transport: 'socket', path }, 'json'));
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
  assert.is((await request(target, `json ${mac(1)}`)).reply.toString(), `json|${mac(1)}`);
  assert.is((await request(target, `auth ${mac(1)}`)).reply.toString(), 'No\n');
  writeFileSync(file, '#!/bin/sh\necho "ndsctl thread is busy, please try later."\nexit 4\n');
  assert.is(await codeOf(request(target, 'json', { patience: { turnMs: 100 } })), 'busy');
  const none = { transport: 'command', file: join(dir, 'none') } as const;
  assert.is(await codeOf(request(none, 'json')), 'absent');
});

/** A portal that says its name to everybody, at `path`; its socket is as old as it says. */
async function saying(name: string, path: string, at: number, then = () => {}): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.end(name);
      then();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  utimesSync(path, at, at);
  return server;
}

test('what a portal replied is of that portal, although it is started anew before anybody looks', async ({
  dir,
}) => {
  const [path, other] = [join(dir, 'a.sock'), join(dir, 'b.sock')];
  const after = await saying('after', other, 2_000);
  const before = await saying('before', path, 1_000, () => renameSync(other, path));
  const { reply, life } = await request({ transport: 'socket', path }, 'json');
  assert.is(String(reply), 'before');
  assert.is(life, 1_000_000);
  assert.is(statSync(path).mtimeMs, 2_000_000);
  assert.is(String((await request({ transport: 'socket', path }, 'json')).reply), 'after');
  before.close();
  after.close();
});

test('a reply that either of two portals may have given is none', async ({ dir }) => {
  const [path, other] = [join(dir, 'a.sock'), join(dir, 'b.sock')];
  const after = await saying('after', other, 2_000);
  const before = await saying('before', path, 1_000);
  const code = codeOf(request({ transport: 'socket', path }, 'json'));
  // It has begun, and is not connected yet.
  renameSync(other, path);
  assert.is(await code, 'failed');
  before.close();
  after.close();
});

test.run();
