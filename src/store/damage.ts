import { basename, dirname, join } from 'node:path';
import { type Disk, writeWhole } from './disk.js';
import { errnoOf, reasonOf } from './error.js';
import type { Damage } from './frame.js';

/**
 * Keeps a copy of damaged bytes in a file beside the one that they were found in, under a name that is the same
 * each time.
 * @returns a sentence for the operator, and whether the copy is there.
 */
export function keepDamage(
  disk: Disk,
  path: string,
  bytes: Buffer,
  damage: Damage,
): { readonly text: string; readonly kept: boolean } {
  const { start, end } = damage;
  const copy = `damaged-${basename(path)}-${start}-${end}`;
  const what = `${basename(path)}: ${end - start} bytes at offset ${start} are damaged`;
  try {
    writeCopy(disk, join(dirname(path), copy), bytes.subarray(start, end));
    return { text: `${what}; a copy is in ${copy}`, kept: true };
  } catch (cause) {
    return { text: `${what}; no copy could be made (${reasonOf(cause)})`, kept: false };
  }
}

/**
 * Renames a file that cannot be used, for a person to look at.
 * @param stuck takes its path where the disk refuses
 * @returns a sentence for the operator
 */
export function renameDamaged(disk: Disk, path: string, why: string, stuck: string[]): string {
  const name = basename(path);
  try {
    disk.rename(path, asideOf(path));
    return `${name} ${why} and was renamed to damaged-${name}`;
  } catch (cause) {
    stuck.push(path);
    return `${name} ${why} and could not be renamed (${reasonOf(cause)})`;
  }
}

/** Renames what the disk has refused to rename: what comes next would take its place, and it may be readable by now. */
export function renameStuck(disk: Disk, stuck: string[]): void {
  for (const path of stuck.splice(0)) {
    try {
      disk.rename(path, asideOf(path));
    } catch {
      stuck.push(path);
    }
  }
}

function asideOf(path: string): string {
  return join(dirname(path), `damaged-${basename(path)}`);
}

/** A sentence on records that no file has, from `first` to `last`. */
export function missingText(first: number, last: number): string {
  return first === last ? `record ${first} is missing` : `records ${first} to ${last} are missing`;
}

function writeCopy(disk: Disk, path: string, bytes: Buffer): void {
  let fd: number;
  try {
    fd = disk.create(path);
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return;
    throw cause;
  }
  try {
    writeWhole(disk, fd, bytes, 0);
  } catch (cause) {
    disk.remove(path);
    throw cause;
  } finally {
    disk.close(fd);
  }
}
