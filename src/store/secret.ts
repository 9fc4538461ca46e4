import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Disk, nodeDisk } from './disk.js';
import { errnoOf, StoreError, storageError } from './error.js';
import { writeWholeFile } from './whole-file.js';

const size = 32;
const remove = 'remove the one that is not of this router';
const remedy = 'put one back from a backup, or acknowledge the loss, and a new one is made';

/** A secret of this router, and what was found of it. */
export interface OpenedSecret {
  readonly secret: Buffer;
  readonly isNew: boolean;
  /** A sentence for the owner where one of the two files was damaged or lost, and was made from the other. */
  readonly mended?: string;
}

/** Bytes of a file; undefined where there is none, empty where the disk does not read it. */
type Found = Buffer | undefined;

/**
 * A random secret of this router, in two files of the same content: made at the first use, for their owner alone (0600).
 * Each has the secret and its SHA-256. A file of 0.1.0, which has the secret alone, is taken over.
 * @param mayMake false where there was one: a new one would say of all that the old one was for that it is unknown
 * @throws `StoreError` `secret_damaged` when neither file is good, each is good and they differ, or there is none and none may
 * be made; `storage_full` or `storage_failed` when none could be made.
 */
export async function openSecret(
  directory: string,
  name: string,
  disk: Disk = nodeDisk,
  mayMake = true,
): Promise<OpenedSecret> {
  const path = join(directory, name);
  const copy = `${path}.copy`;
  const [first, second] = [read(disk, path), read(disk, copy)];
  if (differ(first, second)) {
    // One is of another router, and nobody but the owner knows which: what is written over is lost.
    throw new StoreError('secret_damaged', `${path} and its copy are different keys: ${remove}`);
  }
  const found = secretIn(first, second);
  if (!found && (first || second)) {
    throw new StoreError('secret_damaged', `${path} and its copy are damaged`);
  }
  if (!found && !mayMake) throw new StoreError('secret_damaged', `${path} and its copy are lost: ${remedy}`);
  const secret = found ?? randomBytes(size);
  const whole = Buffer.concat([secret, digest(secret)]);
  try {
    // A crash in between leaves the first file alone.
    if (!first?.equals(whole)) await writeWholeFile(disk, path, whole);
    if (!second?.equals(whole)) await writeWholeFile(disk, copy, whole);
  } catch (cause) {
    if (!found) throw storageError(path, cause);
  }
  const mended = found && harmOf(name, first, second, secret);
  return { secret, isNew: !found, ...(mended !== undefined && { mended }) };
}

/** Both are as they were written, and not of the same secret. */
function differ(first: Found, second: Found): boolean {
  const [one, other] = [checked(first), checked(second)];
  return one !== undefined && other !== undefined && !one.equals(other);
}

/** The secret that can be relied on; undefined when there is none. */
function secretIn(first: Found, second: Found): Buffer | undefined {
  const isOld = first?.length === size && !second;
  return checked(first) ?? checked(second) ?? (isOld ? first : undefined);
}

function checked(bytes: Found): Buffer | undefined {
  if (bytes?.length !== 2 * size) return undefined;
  const secret = bytes.subarray(0, size);
  return digest(secret).equals(bytes.subarray(size)) ? secret : undefined;
}

/** What was wrong. An upgrade, or a crash before the copy was made, is nothing. */
function harmOf(name: string, first: Found, second: Found, secret: Buffer): string | undefined {
  const isGood = (bytes: Found) => checked(bytes)?.equals(secret);
  if (!first) return `${name} was lost, and made anew from its copy`;
  const isTaken = first.length === size && first.equals(secret);
  if (!isGood(first) && !isTaken) return `${name} was damaged, and made anew from its copy`;
  return second && !isGood(second) ? `the copy of ${name} was damaged, and made anew` : undefined;
}

function digest(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

function read(disk: Disk, path: string): Found {
  try {
    return disk.read(path);
  } catch (cause) {
    return errnoOf(cause) === 'ENOENT' ? undefined : Buffer.alloc(0);
  }
}
