/** No letter or digit that can be taken for another: without 0 O 1 I L. */
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const length = 10;
/** Bytes below this are spread evenly over the letters. */
const even = 256 - (256 % letters.length);

/** A new code of 10 letters: 49 bits. `random` gives that many random bytes. */
export function newCode(random: (bytes: number) => Uint8Array): string {
  let code = '';
  while (code.length < length) {
    for (const byte of random(length)) {
      if (byte < even && code.length < length) code += letters[byte % letters.length];
    }
  }
  return code;
}

/** As it is printed: `ABCDE-FGHJK`. */
export function printCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;
}

/** What a person typed, with any case, blanks and hyphens; undefined for what cannot be a code. */
export function readCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, '');
  return code.length === length && [...code].every((c) => letters.includes(c)) ? code : undefined;
}
