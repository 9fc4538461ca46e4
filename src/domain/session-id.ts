/** The letters of session ids, five bits each; none of them can be taken for another one. */
export const idLetters = 'abcdefghjkmnpqrstvwxyz0123456789';
/** Letters in an id: 100 random bits, so that no clock is needed for it to be unique. */
export const idLength = 20;
/** Octets of an id that is packed: its bits from the first letter on, and four zeros. */
export const packedIdSize = 13;

const padding = 8n * BigInt(packedIdSize) - 5n * BigInt(idLength);

/** Ids one after the other in {@link packedIdSize} octets each; undefined when one of them has another form. */
export function packIds(ids: readonly string[]): Buffer | undefined {
  if (ids.some(({ length }) => length !== idLength)) return undefined;
  const packed = Buffer.alloc(ids.length * packedIdSize);
  for (const [i, id] of ids.entries()) {
    let bits = 0n;
    for (const letter of id) {
      const value = idLetters.indexOf(letter);
      if (value < 0) return undefined;
      bits = (bits << 5n) | BigInt(value);
    }
    packed.write((bits << padding).toString(16).padStart(2 * packedIdSize, '0'), i * packedIdSize, 'hex');
  }
  return packed;
}

/** The inverse of {@link packIds}. */
export function unpackIds(packed: Uint8Array): string[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: Math.floor(bytes.length / packedIdSize) }, (_, i) => {
    let [id, bits, width] = ['', 0, 0];
    for (let at = i * packedIdSize; id.length < idLength; at += 1) {
      // At most four bits are left over from the octets before.
      bits = ((bits << 8) | bytes[at]!) & 0xfff;
      for (width += 8; width >= 5 && id.length < idLength; width -= 5)
        id += idLetters[(bits >> (width - 5)) & 31];
    }
    return id;
  });
}
