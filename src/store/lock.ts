import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disk } from './disk.js';
import { errnoOf, StoreError } from './error.js';

/** The owner of a lock that is no link: a backup that keeps no links has made a file of it. */
const nobody = '';

/**
 * Which process has the directory.
 *
 * The lock is a link whose target names its owner. The link appears at once and whole, and on a full disk it
 * needs an inode but no room. Where it cannot be made, the directory can be read, and nothing may be written.
 */
export class Lock {
  readonly #disk: Disk;
  readonly #path: string;
  #isTaken = false;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#path = join(directory, 'lock');
  }

  /**
   * Takes the directory for this process, if it has not got it; the lock of a process that is gone is taken over.
   * @throws {@link StoreError} `locked` when its owner is alive, this process included; what the disk throws when it does
   * not make the link.
   */
  take(): void {
    if (this.#isTaken) return;
    const me = nameOf(process.pid);
    while (!tryLink(this.#disk, me, this.#path)) {
      const owner = readLock(this.#disk, this.#path);
      if (owner === undefined) continue;
      if (isAlive(owner)) {
        throw new StoreError('locked', `${dirname(this.#path)} is in use by process ${pidOf(owner)}`);
      }
      removeStale(this.#disk, this.#path, owner);
    }
    this.#isTaken = true;
  }

  /** Releases the directory. */
  release(): void {
    if (this.#isTaken && readLock(this.#disk, this.#path) === nameOf(process.pid))
      this.#disk.remove(this.#path);
    this.#isTaken = false;
  }
}

/** Of two processes that find the same stale lock, one must not remove the lock that the other has just made. */
function removeStale(disk: Disk, path: string, owner: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    disk.rename(path, aside);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return;
    throw cause;
  }
  const found = readLock(disk, aside) ?? nobody;
  if (found !== owner) tryLink(disk, found, path);
  disk.remove(aside);
}

function tryLink(disk: Disk, text: string, path: string): boolean {
  try {
    disk.link(text, path);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function readLock(disk: Disk, path: string): string | undefined {
  try {
    return disk.readLink(path);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'EINVAL') return nobody;
    throw cause;
  }
}

/**
 * Process ids are used again, soon after a boot above all: the start time and the boot tell such processes
 * apart.
 */
function nameOf(pid: number): string {
  return `${pid} ${statOf(pid).start} ${readOr('/proc/sys/kernel/random/boot_id', '-').trim()}`;
}

function pidOf(owner: string): number {
  return Number.parseInt(owner, 10);
}

/** A process that has ended, and whose parent has not collected it yet, owns nothing any more. */
function isAlive(owner: string): boolean {
  const pid = pidOf(owner);
  return pid > 0 && !['', 'Z', 'X'].includes(statOf(pid).state) && owner === nameOf(pid);
}

/** State, and clock ticks from boot to the start of the process (proc(5), `stat` fields 3 and 22); empty when there is none. */
function statOf(pid: number): { readonly state: string; readonly start: string } {
  const stat = readOr(`/proc/${pid}/stat`, '');
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: afterName[0] ?? '', start: afterName[19] ?? '' };
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
