// What the files of a journal say, read from outside.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { walkFrames } from '../../src/store/frame.js';
import { fileHeaderSize } from '../../src/store/header.js';
import { parseName } from '../../src/store/names.js';
import { decodePayload } from '../../src/store/payload.js';

/**
 * Each file of a directory by its name, as text: segments and snapshots as JSON, for what is deflated shows nothing, and
 * behind that their bytes. Files that go meanwhile are left out.
 */
export function textsIn(directory: string): Map<string, string> {
  const files = readdirSync(directory, { withFileTypes: true }).filter((f) => f.isFile());
  const texts = new Map<string, string>();
  for (const { name } of files) {
    const bytes = bytesOf(join(directory, name));
    if (bytes) texts.set(name, `${jsonOf(name, bytes)}\n${bytes.toString('latin1')}`);
  }
  return texts;
}

function jsonOf(name: string, bytes: Buffer): string {
  const file = parseName(name);
  if (!file) return '';
  const first = file.kind === 'snapshot' ? file.seq : file.seq - 1;
  const frames = [...walkFrames(bytes, fileHeaderSize, first)];
  return frames
    .map((frame) => ('kind' in frame ? JSON.stringify(decodePayload(frame.payload)) : ''))
    .join('\n');
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined;
    throw cause;
  }
}
