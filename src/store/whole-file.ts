import { dirname } from 'node:path';
import { type Disk, writeWhole } from './disk.js';
import { unfinished } from './names.js';

/**
 * Puts a file on the disk, whole or not at all, in the place of the one of that name. One call at a time for each.
 * @throws what the disk throws; then the old file stays.
 */
export async function writeWholeFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const directory = dirname(path);
  const draft = path + unfinished;
  if (disk.list(directory).some((name) => draft.endsWith(`/${name}`))) disk.remove(draft);
  const fd = disk.create(draft);
  try {
    writeWhole(disk, fd, bytes, 0);
    await disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(draft, path);
  await disk.syncDirectory(directory);
}
