import {
  chmodSync,
  closeSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errnoOf } from './error.js';

/**
 * The calls to the file system that the store makes: tests put a failing disk in its place.
 *
 * Calls throw what `node:fs` throws. Those that wait for the hardware are promises, all others end in the page cache.
 */
export interface Disk {
  /** Makes the directory, for its owner alone (0700). */
  makeDirectory(path: string): void;
  list(directory: string): string[];
  size(path: string): number;
  read(path: string): Buffer;
  /** The first bytes of a file, fewer when it is shorter. */
  head(path: string, length: number): Buffer;
  /** Makes a new file for its owner alone (0600) and opens it to write; EEXIST when there is one. */
  create(path: string): number;
  /** Opens an existing file to write. */
  reopen(path: string): number;
  /** Writes at an offset and says how many bytes it took, which may be fewer. */
  write(fd: number, bytes: Uint8Array, at: number): number;
  truncate(fd: number, size: number): void;
  /** Waits until the contents and the size of the file are on the disk. */
  sync(fd: number): Promise<void>;
  close(fd: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Waits until the names in the directory are on the disk. */
  syncDirectory(path: string): Promise<void>;
  /** Makes a link whose target is any short text, at once and whole; EEXIST when there is one. */
  link(text: string, path: string): void;
  readLink(path: string): string;
}

const dataSync = promisify(fdatasync);

/** The real file system. */
export const nodeDisk: Disk = {
  makeDirectory(path) {
    makeAll(path);
    chmodSync(path, 0o700);
  },
  list: (directory) => readdirSync(directory),
  size: (path) => statSync(path).size,
  read: (path) => readFileSync(path),
  head(path, length) {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
    } finally {
      closeSync(fd);
    }
  },
  create: (path) => openSync(path, 'wx', 0o600),
  reopen: (path) => openSync(path, 'r+'),
  write: (fd, bytes, at) => writeSync(fd, bytes, 0, bytes.length, at),
  truncate: (fd, size) => ftruncateSync(fd, size),
  sync: (fd) => dataSync(fd),
  close: (fd) => closeSync(fd),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => unlinkSync(path),
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  link: (text, path) => symlinkSync(text, path),
  readLink: (path) => readlinkSync(path),
};

/**
 * Writes all of `bytes` at an offset, in as many calls as it takes.
 * @throws what the disk throws; then any part of it may be in the file.
 */
export function writeWhole(disk: Disk, fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    const took = disk.write(fd, bytes.subarray(done), at + done);
    if (took <= 0) throw new Error('the disk took no bytes');
    done += took;
  }
}

/** Large files are written in pieces of this many bytes, with the event loop let in between. */
const piece = 64 * 1024;

/**
 * Makes a file and waits until its contents are on the disk.
 * @throws what the disk throws; then any part of the file may be there.
 */
export async function writeSynced(disk: Disk, path: string, bytes: Buffer): Promise<void> {
  const fd = disk.create(path);
  try {
    for (let at = 0; at < bytes.length; at += piece) {
      if (at > 0) await turn();
      writeWhole(disk, fd, bytes.subarray(at, at + piece), at);
    }
    await disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/**
 * Makes a directory and those above it that are missing.
 *
 * `mkdirSync` with `recursive` says ENOENT of a read-only file system, and never returns below `/proc` (Node.js 20).
 */
function makeAll(path: string): void {
  try {
    mkdirSync(path);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'EEXIST' && statSync(path).isDirectory()) return;
    if (errno !== 'ENOENT' || dirname(path) === path) throw cause;
    makeAll(dirname(path));
    mkdirSync(path);
  }
}

/** Removes a file that nothing needs, if it is there. */
export function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // It is not there, or the next start finds it.
  }
}
