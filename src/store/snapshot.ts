import type { Catalog, SnapshotFile } from './catalog.js';
import type { PlainCursors } from './cursors.js';
import { type Disk, removeQuietly, writeSynced } from './disk.js';
import { reasonOf, storageError } from './error.js';
import { encodeFrame, frameAt, frameKind } from './frame.js';
import { encodeFileHeader, fileHeaderSize, fileType, hasFileHeader } from './header.js';
import { unfinished } from './names.js';
import { decodePayload, deflatePayload } from './payload.js';
import { type Packed, packShort, packSlices } from './slices.js';

/** What a snapshot holds. */
export interface SnapshotContents {
  readonly state: unknown;
  readonly cursors: PlainCursors;
}

/** A snapshot that holds what it will and has its number, but is neither packed nor on the disk yet. */
export interface Draft {
  readonly number: number;
  readonly seq: number;
  readonly path: string;
  readonly packed: Packed;
}

/** Takes the state as it is now, as covering the records up to `seq`. */
export function draftSnapshot(catalog: Catalog, seq: number, contents: SnapshotContents): Draft {
  return { seq, packed: packShort(contents, ['state']), ...catalog.name('snapshot', seq) };
}

/**
 * Puts a snapshot on the disk: under another name until it is whole, then renamed.
 * @throws {@link StoreError}; then the snapshots before it count.
 */
export async function writeSnapshot(disk: Disk, directory: string, draft: Draft): Promise<SnapshotFile> {
  const { number, seq, path } = draft;
  const temporary = path + unfinished;
  try {
    const frame = encodeFrame(frameKind.snapshot, seq, await deflatePayload(await packSlices(draft.packed)));
    const bytes = Buffer.concat([encodeFileHeader(fileType.snapshot, seq), frame]);
    await writeSynced(disk, temporary, bytes);
    disk.rename(temporary, path);
    await disk.syncDirectory(directory);
    return { number, seq, path, size: bytes.length };
  } catch (cause) {
    removeQuietly(disk, temporary);
    removeQuietly(disk, path);
    throw storageError('cannot write a snapshot', cause);
  }
}

/** Reads a snapshot, or says why it is not used. */
export function readSnapshot(disk: Disk, file: SnapshotFile): SnapshotContents | string {
  let bytes: Buffer;
  try {
    bytes = disk.read(file.path);
  } catch (cause) {
    return `cannot be read (${reasonOf(cause)})`;
  }
  return contentsOf(bytes, file) ?? 'is damaged';
}

/** Undefined when any byte of it is not as it was written. */
function contentsOf(bytes: Buffer, { seq }: SnapshotFile): SnapshotContents | undefined {
  if (!hasFileHeader(bytes, fileType.snapshot, seq)) return undefined;
  const frame = frameAt(bytes, fileHeaderSize);
  if (frame?.kind !== frameKind.snapshot || frame.seq !== seq || frame.end !== bytes.length) return undefined;
  return decodePayload(frame.payload) as SnapshotContents;
}
