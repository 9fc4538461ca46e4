// The QR codes of the pages, read again by a decoder that is not ours.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';
import { decode } from './scan.js';

const codewords = evaluate('turnpike/codewords.js', {});
const qr = evaluate('turnpike/qr.js', { 'turnpike.codewords': codewords }) as {
  modules(text: string): boolean[][];
};

/** What a camera reads that sees each module as a square of 3 by 3 points. */
function seen(rows: readonly (readonly boolean[])[]): string | undefined {
  const [scale, edge] = [3, 4];
  const wide = (rows.length + 2 * edge) * scale;
  const pixels = new Uint8ClampedArray(wide * wide * 4).fill(255);
  for (let y = 0; y < wide; y++) {
    for (let x = 0; x < wide; x++) {
      if (!rows[Math.floor(y / scale) - edge]?.[Math.floor(x / scale) - edge]) continue;
      pixels.fill(0, (y * wide + x) * 4, (y * wide + x) * 4 + 3);
    }
  }
  return decode(pixels, wide, wide);
}

/** Text of so many bytes, with every kind of letter in it. */
const filler = (length: number): string =>
  Array.from({ length }, (_item, i) => String.fromCharCode(33 + ((i * 37) % 90))).join('');

/** The longest texts of the versions 1 to 16 at level M (ISO/IEC 18004, table 7). */
const longest = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450];

test('a phone reads the longest text of every size, and the next size is taken for one letter more', () => {
  for (const [i, length] of longest.entries()) {
    const rows = qr.modules(filler(length));
    assert.is(rows.length, 21 + 4 * i);
    assert.is(seen(rows), filler(length), `${length} bytes`);
    if (i > 0) assert.is(qr.modules(filler(longest[i - 1]! + 1)).length, 21 + 4 * i);
  }
});

test('a phone reads links, networks and letters of other scripts', () => {
  const texts = [
    'http://192.168.1.1:2080/#K7QM-2XWD-9FHT',
    'WIFI:T:WPA;S:Café \\"Zur Post\\";P:geheim\\;1;;',
    'WIFI:S:कैफ़े 咖啡馆;;',
    'x',
  ];
  for (const text of texts) assert.is(seen(qr.modules(text)), text);
});

test('a text that no code holds is refused', () => {
  assert.throws(() => qr.modules(filler(451)), /too long for a QR code/);
});

test.run();
