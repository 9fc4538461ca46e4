// A real ubusd, where there is one: the environment variable UBUSD names it, or it is on the PATH.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import type { Daemon } from './rig.js';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const named = process.env.UBUSD;
const onPath = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'ubusd'));

/** The program, if there is one. */
export const ubusd = (named ? [named] : onPath).find(isProgram);

/** Says which tests do not run; throws if a program is named that cannot be run. */
export function skipped(what: string): void {
  if (named) throw new Error(`UBUSD names ${named}, which cannot be run`);
  console.log(`  ${what}: SKIPPED, there is no real ubusd: name it in UBUSD to run them`);
}

/** A real ubusd on `socket`, which has not been started yet. */
export function realUbusd(program: string, socket: string): Daemon {
  let child: ChildProcess | undefined;
  return {
    socket,
    async start() {
      child = spawn(program, ['-s', socket], { stdio: 'inherit' });
      await listens(socket);
    },
    async stop() {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child?.kill();
      await ended;
      rmSync(socket, { force: true });
    },
  };
}

/** Resolves when the daemon greets a client: its socket is there a moment before it listens. */
async function listens(socket: string): Promise<void> {
  let probe: UbusClient | undefined;
  await new Promise<void>((onConnected) => {
    probe = new UbusClient({ socket, onConnected, onError: () => {}, reconnect: { minMs: 2, maxMs: 50 } });
    void probe.start();
  });
  await probe?.close();
}
