/** No letter or digit that can be taken for another: without 0 O 1 I L. */
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const length = 10;
/** Random digits of a numeric code: 49.8 bits, so that it is no easier to guess than one of letters. */
const randomDigits = 15;
const digitLength = randomDigits + 1;
const decimals = '0123456789';
/** The zeros of the digits that phones type in the page's languages: Arabic, Persian, Devanagari, full width. */
const zeros = [0x660, 0x6f0, 0x966, 0xff10];

/** A new code of 10 letters: 49 bits. `random` gives that many random bytes. */
export function newCode(random: (bytes: number) => Uint8Array): string {
  return draw(letters, length, random);
}

/** A new code of 16 digits, the last of which tells a slip of the finger. */
export function newDigits(random: (bytes: number) => Uint8Array): string {
  const drawn = draw(decimals, randomDigits, random);
  return drawn + checkDigit(drawn);
}

/** As it is printed: `ABCDE-FGHJK`, or `1234-5678-9012-3452`. */
export function printCode(code: string): string {
  const size = code.length === length ? length / 2 : 4;
  return code.match(new RegExp(`.{1,${size}}`, 'g'))!.join('-');
}

/** What a person typed, with any case, blanks, hyphens and dots; undefined for what cannot be a code. */
export function readCode(text: string): string | undefined {
  const code = [...text.toUpperCase().replace(/[\s.\p{Cf}\p{Pd}]/gu, '')].map(asciiDigit).join('');
  if (code.length === length) return [...code].every((c) => letters.includes(c)) ? code : undefined;
  const isNumeric = code.length === digitLength && [...code].every((c) => decimals.includes(c));
  return isNumeric && checkDigit(code.slice(0, randomDigits)) === code.at(-1) ? code : undefined;
}

function draw(from: string, count: number, random: (bytes: number) => Uint8Array): string {
  // Bytes below this are spread evenly.
  const even = 256 - (256 % from.length);
  let drawn = '';
  while (drawn.length < count) {
    for (const byte of random(count)) {
      if (byte < even && drawn.length < count) drawn += from[byte % from.length];
    }
  }
  return drawn;
}

/** By Luhn (ISO/IEC 7812-1 annex B): any one wrong digit is found, and most that changed places. */
function checkDigit(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}

function asciiDigit(letter: string): string {
  const point = letter.codePointAt(0)!;
  const zero = zeros.find((first) => point >= first && point < first + 10);
  return zero === undefined ? letter : String(point - zero);
}
