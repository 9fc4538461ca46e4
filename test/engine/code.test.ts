// The codes of vouchers, as they are made, printed and typed in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newCode, newDigits, printCode, readCode } from '../../src/engine/code.js';
import fc from '../rig/properties.js';

const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const code = fc.string({ unit: fc.constantFrom(...letters), minLength: 10, maxLength: 10 });

test('what is printed is read back, in any case and with any blanks and hyphens', () => {
  const gaps = fc.array(fc.constantFrom('', ' ', '-', '\t', ' - '), { minLength: 11, maxLength: 11 });
  fc.assert(
    fc.property(code, gaps, fc.boolean(), (made, between, isSmall) => {
      assert.is(readCode(printCode(made)), made);
      const typed = [...made].map((letter, i) => between[i]! + letter).join('') + between[10]!;
      assert.is(readCode(isSmall ? typed.toLowerCase() : typed), made);
    }),
  );
});

test('what cannot be a code is none', () => {
  for (const text of [
    '',
    'ABCDE-FGHJ',
    'ABCDE-FGHJKM',
    'ABCDE-FGHJ0',
    'ABCDE-FGHJO',
    'ABCDE-FGHJI',
    'ABCDE-FGHJ1',
    'ABCDE_FGHJK',
    'ÄBCDE-FGHJK',
  ])
    assert.is(readCode(text), undefined, text);
});

test('every code can be read, whatever the random bytes, and each letter is as likely as the others', () => {
  const counts = new Map<string, number>();
  let next = 0;
  // All bytes equally often: so are all letters, or one that guesses begins with those that are not.
  const random = (length: number) => Uint8Array.from({ length }, () => next++ & 255);
  for (let i = 0; i < 31 * 8; i++) {
    const made = newCode(random);
    assert.is(readCode(made), made);
    for (const letter of made) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assert.equal([...counts.keys()].sort(), [...letters].sort());
  const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
  assert.ok(most - least <= 2, `${least} to ${most} times`);
});

test('a numeric code has 16 digits, is printed in fours, and is read in any grouping and in the digits of other scripts', () => {
  const random = fc.uint8Array({ minLength: 64, maxLength: 64 });
  const zero = fc.constantFrom(0x30, 0x660, 0x6f0, 0x966, 0xff10);
  const gaps = fc.array(fc.constantFrom('', ' ', '-', '.', '\u2013', '\u00a0'), {
    minLength: 16,
    maxLength: 16,
  });
  fc.assert(
    fc.property(random, zero, gaps, (bytes, first, between) => {
      let next = 0;
      const made = newDigits((count) =>
        Uint8Array.from({ length: count }, () => (bytes[next++ % 64]! + next) & 255),
      );
      assert.match(made, /^\d{16}$/);
      assert.match(printCode(made), /^\d{4}-\d{4}-\d{4}-\d{4}$/);
      assert.is(readCode(printCode(made)), made);
      const typed = [...made]
        .map((digit, i) => String.fromCodePoint(first + Number(digit)) + between[i]!)
        .join('');
      assert.is(readCode(typed), made);
    }),
  );
});

test('one wrong digit of a numeric code makes it none', () => {
  const made = newDigits((count) => new Uint8Array(count).fill(7));
  for (let at = 0; at < 16; at++)
    for (let by = 1; by < 10; by++) {
      const wrong = (Number(made[at]) + by) % 10;
      assert.is(readCode(made.slice(0, at) + wrong + made.slice(at + 1)), undefined, `${at} ${by}`);
    }
});

test('every digit of a numeric code is as likely as the others', () => {
  const counts = new Map<string, number>();
  let next = 0;
  const random = (count: number) => Uint8Array.from({ length: count }, () => next++ & 255);
  for (let i = 0; i < 500; i++)
    for (const digit of newDigits(random).slice(0, 15)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  assert.is(counts.size, 10);
  assert.ok(Math.max(...counts.values()) - Math.min(...counts.values()) <= 30, 'spread evenly');
});

test.run();
