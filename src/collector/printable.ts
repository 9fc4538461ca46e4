/**
 * What a terminal obeys instead of showing it: control characters, line separators, and the characters that turn the
 * direction of what follows (Unicode TR 9 §2).
 */
const obeyed = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from outside, fit for a terminal: `\u{1b}` stands for ESC. `but`: characters that stay as they are. */
export function printable(text: string, but?: RegExp): string {
  return text.replace(obeyed, (one) => (but?.test(one) ? one : `\\u{${one.codePointAt(0)!.toString(16)}}`));
}
