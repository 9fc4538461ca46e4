import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Disk, nodeDisk } from './disk.js';
import { storageError } from './error.js';
import { writeWholeFile } from './whole-file.js';

const size = 32;

/**
 * A random secret of this router, in a file of its own: made at the first use, for its owner alone (0600).
 * @returns the secret, and whether it is new.
 * @throws `StoreError` `storage_full`, or `storage_failed` when the file cannot be read or made, or is not one of ours.
 */
export async function openSecret(
  directory: string,
  name: string,
  disk: Disk = nodeDisk,
): Promise<{ readonly secret: Buffer; readonly isNew: boolean }> {
  const path = join(directory, name);
  try {
    const old = disk.list(directory).includes(name) ? disk.read(path) : undefined;
    if (old?.length === size) return { secret: old, isNew: false };
    if (old) throw new Error(`${old.length} bytes in place of ${size}`);
    const secret = randomBytes(size);
    await writeWholeFile(disk, path, secret);
    return { secret, isNew: true };
  } catch (cause) {
    throw storageError(path, cause);
  }
}
