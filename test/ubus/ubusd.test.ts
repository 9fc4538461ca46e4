import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import { until } from '../rig/until.js';
import { type Context, conform } from './conformance.js';

const test = suite<Context>('real ubusd');

/** The real daemon: `UBUSD` names it, or it is on the PATH. */
function findUbusd(): string | undefined {
  const named = process.env.UBUSD;
  const places = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'ubusd'));
  return (named ? [named] : places).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const ubusd = findUbusd();

if (ubusd) {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  let child: ChildProcess | undefined;

  const start = async () => {
    child = spawn(ubusd, ['-s', socket], { stdio: 'inherit' });
    await listens(socket);
  };
  const stop = async () => {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill();
    await ended;
    rmSync(socket, { force: true });
  };
  test.before.each(async (c) => {
    c.clients = [];
    await start();
    c.daemon = { socket, start, stop };
  });
  test.after.each(async (c) => {
    for (const client of c.clients) client.close();
    await stop();
  });
  test.after(() => rmSync(dir, { recursive: true }));
  conform(test);
} else {
  console.log('  real ubusd: SKIPPED, there is none: name it in UBUSD to run the same suite against it');
  // The runner counts tests: this one says that the search itself works.
  test('no ubusd is named that is not there', () => {
    if (process.env.UBUSD) throw new Error(`UBUSD names ${process.env.UBUSD}, which cannot be run`);
  });
}

/** Resolves when the daemon takes connections: its socket is there a moment before it listens. */
async function listens(path: string): Promise<void> {
  const look = () =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection(path, () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  await until('ubusd', look);
}

test.run();
