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
