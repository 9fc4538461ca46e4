import type { Attribute, AttributeValue } from './attributes.js';

/** Every value of an attribute, in order. */
export function valuesOf(list: readonly Attribute[], name: string): AttributeValue[] {
  return list.filter((a) => a[0] === name).map((a) => a[1]);
}

/** The first value of an attribute that is a number. */
export function integerOf(list: readonly Attribute[], name: string): number | undefined {
  return valuesOf(list, name).find((v) => typeof v === 'number');
}

/** The first value of an attribute that is text; undefined too for text that is no UTF-8. */
export function textOf(list: readonly Attribute[], name: string): string | undefined {
  return valuesOf(list, name).find((v) => typeof v === 'string');
}
