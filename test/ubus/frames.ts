// Frames recorded between real clients and a real ubusd.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Recorded {
  readonly conn: number;
  readonly dir: string;
  readonly bytes: Buffer;
}

export function recordedSession(): Recorded[] {
  const text = gunzipSync(readFileSync('test/fixtures/ubus/session.jsonl.gz')).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const { conn, dir, hex } = JSON.parse(line) as { conn: number; dir: string; hex: string };
      return { conn, dir, bytes: Buffer.from(hex, 'hex') };
    });
}

export function recordedFrames(): Buffer[] {
  return readFileSync('test/fixtures/ubus/frames.txt', 'utf8')
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line.split(' ').at(-1)!, 'hex'));
}
