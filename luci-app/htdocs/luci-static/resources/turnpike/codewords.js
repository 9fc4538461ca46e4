'use strict';
'require baseclass';

// The bytes of a QR code (ISO/IEC 18004) of text: correction level M, which stands 15% of dirt, versions 1 to 16.

/** By version: bytes of correction in each block, and blocks. */
const corrections = [
  [10, 1],
  [16, 1],
  [26, 1],
  [18, 2],
  [24, 2],
  [16, 4],
  [18, 4],
  [22, 4],
  [22, 5],
  [26, 5],
  [30, 5],
  [22, 8],
  [22, 9],
  [24, 9],
  [24, 10],
  [28, 10],
];

/** Modules for data and correction in a code of this version. */
function room(version) {
  const marks = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const taken = marks > 0 ? (25 * marks - 10) * marks - 55 : 0;
  return (16 * version + 128) * version + 64 - taken - (version >= 7 ? 36 : 0);
}

/** A product in the field of 256 elements that the correction is made in. */
function product(a, b) {
  let result = 0;
  for (let bit = 7; bit >= 0; bit--) {
    result = (result << 1) ^ ((result >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  }
  return result;
}

/** The bytes of correction of a block (Reed-Solomon). */
function correction(data, length) {
  const divisor = new Array(length - 1).fill(0).concat(1);
  let root = 1;
  for (let turn = 0; turn < length; turn++) {
    for (let at = 0; at < length; at++) {
      divisor[at] = product(divisor[at], root) ^ (at + 1 < length ? divisor[at + 1] : 0);
    }
    root = product(root, 2);
  }
  const rest = new Array(length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((one, at) => {
      rest[at] ^= product(one, factor);
    });
  }
  return rest;
}

/** The smallest version that holds so many bytes. @throws when there is none. */
function versionFor(length) {
  const holds = (version) => {
    const [each, blocks] = corrections[version - 1];
    return Math.floor(room(version) / 8) - each * blocks >= length + (version < 10 ? 2 : 3);
  };
  const found = corrections.findIndex((_one, at) => holds(at + 1));
  if (found < 0) throw new Error(_('This is too long for a QR code.'));
  return found + 1;
}

/** All bytes of the code that says `bytes`: data in blocks, interleaved, then what corrects them. */
function of(bytes, version) {
  const [each, count] = corrections[version - 1];
  const total = Math.floor(room(version) / 8);
  const lengths = version < 10 ? [bytes.length] : [bytes.length >> 8, bytes.length & 255];
  // Four bits that say "bytes" shift all that follows by half a byte; four zeros end it.
  const halves = [4, ...[...lengths, ...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const data = [];
  for (let at = 0; at < halves.length; at += 2) data.push((halves[at] << 4) | halves[at + 1]);
  for (let pad = 0xec; data.length < total - each * count; pad ^= 0xec ^ 0x11) data.push(pad);
  const short = Math.floor(total / count) - each;
  const firstLong = count - (total % count);
  const blocks = Array.from({ length: count }, (_item, at) => {
    const begin = at * short + Math.max(0, at - firstLong);
    return data.slice(begin, begin + short + (at >= firstLong ? 1 : 0));
  });
  const checks = blocks.map((block) => correction(block, each));
  const woven = (lists, length) =>
    Array.from({ length }, (_item, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
  return [...woven(blocks, short + 1), ...woven(checks, each)];
}

return baseclass.extend({ versionFor, of });
