import { isUtf8 } from 'node:buffer';
import type { Attribute, AttributeValue } from './attributes.js';

/** Every value of an attribute, in order. */
export function valuesOf(list: readonly Attribute[], name: string): AttributeValue[] {
  return list.filter((a) => a[0] === name).map((a) => a[1]);
}

/** Every value of an attribute that is a number, in order. */
export function integersOf(list: readonly Attribute[], name: string): number[] {
  return valuesOf(list, name).filter((v) => typeof v === 'number');
}

/** Every value of an attribute that is text, in order. */
export function textsOf(list: readonly Attribute[], name: string): string[] {
  return valuesOf(list, name).filter((v) => typeof v === 'string');
}

/** The first value of an attribute that is a number. */
export function integerOf(list: readonly Attribute[], name: string): number | undefined {
  return integersOf(list, name)[0];
}

/** The first value of an attribute that is text; undefined too for text that is no UTF-8. */
export function textOf(list: readonly Attribute[], name: string): string | undefined {
  return textsOf(list, name)[0];
}

/** Octets of the longest text in one attribute (RFC 2865 §5): what is longer goes on in the next one. */
const longestText = 253;

/**
 * The text of an attribute that comes several times, such as a Reply-Message (RFC 2865 §5.18): a part that is full, or
 * ends inside a letter, goes on in the next one; others are texts of their own.
 */
export function wholeTextOf(list: readonly Attribute[], name: string): string {
  const octets = valuesOf(list, name).flatMap((value, i, all) => {
    const part = Buffer.from(value as string | Buffer);
    const goesOn = part.length === longestText || !isUtf8(part);
    return goesOn || i === all.length - 1 ? [part] : [part, Buffer.from(' ')];
  });
  return Buffer.concat(octets).toString('utf8');
}
