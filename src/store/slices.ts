import { setImmediate as pause } from 'node:timers/promises';
import { LongList } from '../domain/long-list.js';
import { packPayload } from './payload.js';

/** How long nothing else happens while a long list is packed, in ms. */
const sliceMs = 10;
/** So many entries make an array whose head has one byte (MessagePack, `fixarray`). */
const together = 15;

/** Plain data of which all but the long lists is packed. */
export type Packed = readonly (Buffer | LongList)[];

/** Packs an object as it is now. Long lists in it, and in the objects that `inside` names, are left for {@link packSlices}. */
export function packShort(data: object, inside: readonly string[] = []): Packed {
  const members = Object.entries(data);
  return [
    head(members.length, [0x80, 0xde, 0xdf]),
    ...members.flatMap(([name, value]) => packMember(name, value, inside)),
  ];
}

function packMember(name: string, value: unknown, inside: readonly string[]): Packed {
  const parts =
    value instanceof LongList
      ? [value]
      : inside.includes(name)
        ? packShort(value as object)
        : [packPayload(value)];
  return [packPayload(name), ...parts];
}

/** The whole in one piece, as MessagePack. Others have their turn while the long lists are packed. */
export async function packSlices(packed: Packed): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let began = performance.now();
  for (const part of packed) {
    if (!(part instanceof LongList)) pieces.push(part);
    else
      for (const piece of piecesOf(part)) {
        pieces.push(piece);
        if (performance.now() - began < sliceMs) continue;
        await pause();
        began = performance.now();
      }
  }
  return Buffer.concat(pieces);
}

function* piecesOf(list: LongList): Generator<Buffer> {
  yield head(list.length, [0x90, 0xdc, 0xdd]);
  let some: unknown[] = [];
  for (const entry of list) {
    some.push(entry);
    if (some.length < together) continue;
    yield packPayload(some).subarray(1);
    some = [];
  }
  yield packPayload(some).subarray(1);
}

/** What an array or a map begins with: `fix` has the length in itself, the others in two or four bytes. */
function head(length: number, [fix, two, four]: readonly [fix: number, two: number, four: number]): Buffer {
  if (length < 16) return Buffer.of(fix + length);
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 5);
  bytes[0] = length < 65_536 ? two : four;
  bytes.writeUIntBE(length, 1, bytes.length - 1);
  return bytes;
}
