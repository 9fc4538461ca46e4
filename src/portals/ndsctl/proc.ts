import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Connections to a control socket, except its client ends. */
export interface Backlog {
  /** They wait to be accepted. Whoever made them may be gone. */
  readonly waiting: number;
  /** The portal has accepted them, and serves one of them at a time. */
  readonly accepted: number;
}

/** Flags of a listening socket, and states of the others (`unix_seq_show` in net/unix/af_unix.c). */
const listening = '00010000';
const unaccepted = '02';
const connected = '03';
const lockName = 'ndsctl.lock';

/**
 * Looks in the kernel's table of Unix sockets, where those of our network namespace are.
 *
 * A connection stands there under the path that the portal has bound, and a waiting one has no inode yet.
 */
export function readBacklog(path: string): Backlog {
  const bound = boundPaths(path);
  let [waiting, accepted] = [0, 0];
  for (const line of readTable('net/unix')) {
    if (!bound.some((name) => line.endsWith(` ${name}`))) continue;
    const [, , , flags, , state, inode] = line.trim().split(/\s+/);
    if (flags === listening) continue;
    if (state === unaccepted && inode === '0') waiting += 1;
    if (state === connected) accepted += 1;
  }
  return { waiting, accepted };
}

/** Whether a command `ndsctl` is at work: it holds a lock on a file beside the socket (`lockf`). */
export function isLocked(socket: string): boolean {
  try {
    const { dev, ino } = statSync(join(dirname(socket), lockName));
    const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
    const hex = (n: number) => n.toString(16).padStart(2, '0');
    const file = ` ${hex(major)}:${hex(minor)}:${ino} `;
    return readTable('locks').some((line) => line.includes(file));
  } catch {
    // No such file: the command was never called.
    return false;
  }
}

/** How the portal may have named the socket: as we do, by its real path, or as it is in its own mount namespace. */
function boundPaths(path: string): readonly string[] {
  const own = path.replace(/^\/proc\/[^/]+\/root(?=\/)/, '');
  try {
    return [...new Set([own, realpathSync(path)])];
  } catch {
    return [own];
  }
}

/**
 * `TURNPIKE_PROC` names another directory for a simulated portal, whose connections the kernel accepts as soon as its process
 * runs: it tells there which of them it has accepted. `DIR:/proc` adds those that another process has not seen yet.
 */
function readTable(name: string): readonly string[] {
  const [told = '', kernel] = (process.env.TURNPIKE_PROC || '/proc').split(':');
  const isUnseen = (line: string) => line.includes(` ${unaccepted}     0 `);
  return [...linesOf(told, name), ...(kernel === undefined ? [] : linesOf(kernel, name).filter(isUnseen))];
}

function linesOf(directory: string, name: string): readonly string[] {
  try {
    return readFileSync(join(directory, name), 'utf8').split('\n');
  } catch {
    return [];
  }
}
