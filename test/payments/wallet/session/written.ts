// What a daemon has written down, seen from outside while it runs.
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { JournalRecord } from '../../../../src/domain/record.js';
import { walkFrames } from '../../../../src/store/frame.js';
import { fileHeaderSize } from '../../../../src/store/header.js';
import { parseName } from '../../../../src/store/names.js';
import { decodePayload } from '../../../../src/store/payload.js';
import { inTime } from '../../../rig/until.js';

/** The records of a journal, as far as they are whole. */
function* recordsIn(directory: string): Generator<JournalRecord> {
  for (const name of readdirSync(directory).sort()) {
    const file = parseName(name);
    if (file?.kind !== 'journal') continue;
    const bytes = readFileSync(join(directory, name));
    for (const frame of walkFrames(bytes, fileHeaderSize, file.seq - 1)) {
      if ('kind' in frame && frame.kind === 1) yield decodePayload(frame.payload) as JournalRecord;
    }
  }
}

/** Resolves when such a record is in the journal of this directory. */
export function written(directory: string, is: (record: JournalRecord) => boolean): Promise<void> {
  const found = new Promise<void>((resolve, reject) => {
    const watcher = watch(directory);
    const end = (settle: () => void) => {
      watcher.close();
      settle();
    };
    const look = () => {
      for (const record of recordsIn(directory)) if (is(record)) return end(resolve);
    };
    watcher.on('change', look);
    watcher.on('error', (cause) => end(() => reject(cause)));
    look();
  });
  return inTime(`a record with ${is}`, found);
}
