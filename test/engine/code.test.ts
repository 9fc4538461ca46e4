// The codes of vouchers, as they are made, printed and typed in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newCode, printCode, readCode } from '../../src/engine/code.js';
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

test.run();
