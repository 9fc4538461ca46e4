// What cannot be done is said in one line that says what to do, without a stack, and exit code 1.

import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { shop } from '../rig/daemon.js';
import { program, type Ran, run, shell, turnpike } from './turnpike.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

function saysOnly({ status, out, err }: Ran, said: string): void {
  assert.equal({ status, out, err }, { status: 1, out: '', err: `${said}\n` });
}

/** A configuration whose journal is in this directory. */
function configIn(directory: string): string {
  const file = join(dir, 'config');
  writeFileSync(file, `config turnpike 'main'\n\toption directory '${directory}'\n${shop('/nonexistent')}`);
  return file;
}

const none = join(dir, 'none');
/** A copy of the program with no packages of npm's beside it. */
const app = join(dir, 'app');
cpSync('dist', app, { recursive: true });

test('a configuration that is not there', async () => {
  for (const command of ['run', 'check', 'facilitator']) {
    const said = `turnpike ${command}: ${none}: no such file or directory; --config FILE names another`;
    saysOnly(await turnpike(command, '--config', none), said);
  }
});

test('no ubusd', async () => {
  const said = `cannot connect to ubusd at ${none}: no such file or directory; is ubusd running? --socket FILE names another`;
  for (const [command, ...args] of [['sessions'], ['call', 'status'], ['close', '02:00:00:00:00:01']]) {
    saysOnly(await turnpike(command!, ...args, '--socket', none), `turnpike ${command}: ${said}`);
  }
});

test('a socket that nobody listens on', async () => {
  const said = `cannot connect to ubusd at ${program}: connection refused; nothing listens there; is it running?`;
  saysOnly(await turnpike('sessions', '--socket', program), `turnpike sessions: ${said}`);
});

test('a socket of something else', async () => {
  const socket = join(dir, 'other.sock');
  const server = createServer((connection) => connection.end('hello\n')).listen(socket);
  await once(server, 'listening');
  const said = `turnpike sessions: ${socket} does not answer as ubusd does`;
  saysOnly(await turnpike('sessions', '--socket', socket), said);
  server.close();
});

test('no daemon on the bus', async () => {
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  await broker.start();
  const said = `the daemon is not on the bus of ${socket}; start it: /etc/init.d/turnpike start`;
  saysOnly(await turnpike('sessions', '--socket', socket), `turnpike sessions: ${said}`);
  await broker.stop();
});

/** Runs `turnpike ARGS` as somebody whom permissions bind: root does without its capabilities. */
function bound(...args: string[]): Promise<Ran> {
  if (process.getuid!() !== 0) return turnpike(...args);
  const without = ['--inh-caps=-all', '--bounding-set=-all', process.execPath, program];
  return run('setpriv', [...without, ...args]);
}

test('a file that this user may not read, and a folder that they may not write', async () => {
  const said = 'permission denied; try it as root, or as the user who owns it';
  const config = configIn(join(dir, 'state'));
  chmodSync(config, 0);
  saysOnly(await bound('run', '--config', config), `turnpike run: ${config}: ${said}`);
  chmodSync(config, 0o600);
  const folder = join(dir, 'closed');
  mkdirSync(folder, { mode: 0o500 });
  configIn(join(folder, 'state'));
  saysOnly(await bound('run', '--config', config), `error: cannot open ${folder}/state: ${said}`);
});

test('a folder on a file system that is read-only', async () => {
  const folder = join(dir, 'flash');
  mkdirSync(folder);
  const config = configIn(join(folder, 'state'));
  const inside = `mount -t tmpfs -o ro none '${folder}' && exec "$0" '${program}' run --config '${config}'`;
  const ran = await run('unshare', ['--mount', '--map-root-user', 'sh', '-c', inside, process.execPath]);
  if (/^(?:unshare|mount):/.test(ran.err)) return console.log(`skipped: ${ran.err.trim()}`);
  saysOnly(
    ran,
    `error: cannot open ${folder}/state: read-only file system; name a place that can be written`,
  );
});

test('a folder that cannot be made at all', async () => {
  const config = configIn('/proc/turnpike');
  saysOnly(
    await turnpike('run', '--config', config),
    'error: cannot open /proc/turnpike: no such file or directory',
  );
});

test('a port that is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = join(dir, 'facilitator.json');
  writeFileSync(
    config,
    JSON.stringify({ listen: { port }, directory: join(dir, 'facilitator'), networks: {} }),
  );
  const said = `127.0.0.1 port ${port}: address already in use; something else listens there; is it running already?`;
  saysOnly(await turnpike('facilitator', '--config', config), `turnpike facilitator: ${said}`);
  server.close();
});

test('a report of a fleet that nobody has collected makes no database', async () => {
  const database = join(dir, 'fleet.sqlite');
  for (const task of ['--report', '--csv']) {
    const said = `no collector has written a database at ${database}; --database names another`;
    saysOnly(await turnpike('collect', task, '--database', database), `turnpike collect: ${said}`);
  }
  assert.is((await shell(`ls '${dir}'`)).out.includes('fleet'), false);
  writeFileSync(database, '');
  assert.match((await turnpike('collect', '--csv', '--database', database)).err, 'no collector has written');
});

test('the driver of a database that is not installed, and no other', async () => {
  for (const [database, driver] of [
    [join(dir, 'new.sqlite'), 'node-sqlite3-wasm'],
    ['postgres://127.0.0.1:1/fleet', 'pg'],
  ] as const) {
    const args = [join(app, 'turnpike.mjs'), 'collect', '--database', database];
    const said = `turnpike collect: the driver ${driver} is not installed; npm install ${driver}`;
    saysOnly(await run(process.execPath, args, { cwd: dir }), said);
  }
});

test('a database in a folder that is not there', async () => {
  const ran = await turnpike('collect', '--database', join(none, 'fleet.sqlite'));
  saysOnly(ran, `turnpike collect: ${none}: no such file or directory`);
});

test.run();
