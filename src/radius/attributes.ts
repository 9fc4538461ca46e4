import { isUtf8 } from 'node:buffer';
import { ipv4Octets, ipv4Text, ipv6Octets, ipv6PrefixOctets, ipv6PrefixText, ipv6Text } from './address.js';
import { type AttributeType, definitionAt, definitionOf, knowsVendor } from './dictionary.js';
import { RadiusError } from './error.js';

/**
 * One attribute: integers, times and dates (seconds since 1970) as numbers below 2^32, text as strings, addresses as
 * their text, everything else as octets. Text that is no UTF-8 is octets too: it would not survive as a string.
 *
 * What no dictionary names is `Attr-<number>` or `Attr-26.<vendor>.<number>`, with its octets.
 */
export type Attribute = readonly [name: string, value: AttributeValue];
export type AttributeValue = string | number | Buffer;

/** Numbers of attributes that packets themselves are made of (RFC 2865 §5, RFC 2869 §5.14). */
export const attributeId = { userPassword: 2, vendorSpecific: 26, messageAuthenticator: 80 } as const;

/** Octets before a value: number and length. */
const attributeHeader = 2;
const vendorHeader = 4;
/** The longest value, in octets (RFC 2865 §5). */
const longestValue = 253;
const nameless = /^Attr-(\d{1,3})(?:\.(\d{1,10})\.(\d{1,3}))?$/;

/** An attribute as it lies in a packet; `value` is a view. */
export interface RawAttribute {
  readonly id: number;
  readonly value: Buffer;
  /** Where `value` begins. */
  readonly at: number;
}

/**
 * Walks attributes without looking into them; the lengths have been checked when one is given out.
 * @throws {@link RadiusError} `truncated`, `bad_length`
 */
export function* rawAttributes(bytes: Buffer): Generator<RawAttribute> {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at + 1];
    if (length === undefined || at + length > bytes.length)
      throw new RadiusError('truncated', 'an attribute ends beyond its packet');
    if (length < attributeHeader)
      throw new RadiusError('bad_length', 'an attribute is shorter than its header');
    yield {
      id: bytes[at]!,
      value: bytes.subarray(at + attributeHeader, at + length),
      at: at + attributeHeader,
    };
    at += length;
  }
}

/**
 * Reads the attributes of a packet, in their order and with repeats; octets are copies.
 * @throws {@link RadiusError} `truncated`, `bad_length`, `bad_vendor`
 */
export function decodeAttributes(bytes: Buffer): Attribute[] {
  const list: Attribute[] = [];
  for (const { id, value } of rawAttributes(bytes)) {
    if (id === attributeId.vendorSpecific) list.push(...decodeVendor(value));
    else list.push(decodeOne(id, value));
  }
  return list;
}

function decodeOne(id: number, octets: Buffer, vendor?: number): Attribute {
  const definition = definitionAt(id, vendor);
  if (definition) return [definition.name, decodeValue(definition.type, octets)];
  return [vendor === undefined ? `Attr-${id}` : `Attr-26.${vendor}.${id}`, Buffer.from(octets)];
}

/** The attributes inside a Vendor-Specific one (RFC 2865 §5.26). */
function decodeVendor(octets: Buffer): Attribute[] {
  if (octets.length <= vendorHeader)
    throw new RadiusError('bad_vendor', 'a vendor attribute without content');
  const vendor = octets.readUInt32BE(0);
  try {
    return [...rawAttributes(octets.subarray(vendorHeader))].map(({ id, value }) =>
      decodeOne(id, value, vendor),
    );
  } catch (cause) {
    if (knowsVendor(vendor))
      throw new RadiusError('bad_vendor', `a broken attribute of vendor ${vendor}`, { cause });
    // Vendors may have a form of their own, which the standard only advises against.
    return [[`Attr-${attributeId.vendorSpecific}`, Buffer.from(octets)]];
  }
}

function decodeValue(type: AttributeType, octets: Buffer): AttributeValue {
  switch (type) {
    case 'integer':
      if (octets.length !== 4) throw new RadiusError('bad_length', 'an integer has 4 octets');
      return octets.readUInt32BE(0);
    case 'text':
      return isUtf8(octets) ? octets.toString('utf8') : Buffer.from(octets);
    case 'ipv4':
      return ipv4Text(octets);
    case 'ipv6':
      return ipv6Text(octets);
    case 'ipv6prefix':
      return ipv6PrefixText(octets);
    case 'octets':
      return Buffer.from(octets);
  }
}

/**
 * The octets of attributes, in their order. A Buffer goes in as it is, whatever the attribute's type, which is what an
 * echo needs; an empty string does not, for such an attribute is to be left out (RFC 2865 §5).
 * @throws {@link RadiusError} `unknown`, `bad_value`, `too_long`
 */
export function encodeAttributes(list: readonly Attribute[]): Buffer {
  return Buffer.concat(list.map(encodeOne));
}

function encodeOne([name, value]: Attribute): Buffer {
  const { id, vendor, type } = placeOf(name);
  const octets = encodeValue(name, type, value);
  if (vendor === undefined) return framed(id, octets, name);
  const content = Buffer.alloc(vendorHeader);
  content.writeUInt32BE(vendor);
  return framed(attributeId.vendorSpecific, Buffer.concat([content, framed(id, octets, name)]), name);
}

function framed(id: number, octets: Buffer, name: string): Buffer {
  if (octets.length > longestValue) throw new RadiusError('too_long', `${name} is too long`);
  return Buffer.concat([Buffer.from([id, octets.length + attributeHeader]), octets]);
}

interface Place {
  readonly id: number;
  readonly vendor: number | undefined;
  readonly type: AttributeType;
}

function placeOf(name: string): Place {
  const definition = definitionOf(name);
  if (definition) return definition;
  const [, outer, vendor, inner] = nameless.exec(name) ?? [];
  const id = Number(inner ?? outer);
  const known = vendor === undefined || (outer === '26' && Number(vendor) <= 0xffff_ffff);
  if (outer === undefined || !known || id > 255)
    throw new RadiusError('unknown', `there is no attribute ${name}`);
  return { id, vendor: vendor === undefined ? undefined : Number(vendor), type: 'octets' };
}

function encodeValue(name: string, type: AttributeType, value: AttributeValue): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number' && type === 'integer') return integerOctets(name, value);
  if (typeof value === 'string' && value !== '') {
    if (type === 'text') return Buffer.from(value, 'utf8');
    if (type === 'ipv4') return ipv4Octets(value);
    if (type === 'ipv6') return ipv6Octets(value);
    if (type === 'ipv6prefix') return ipv6PrefixOctets(value);
  }
  throw new RadiusError('bad_value', `${name} is ${type}, which this ${typeof value} is not`);
}

function integerOctets(name: string, value: number): Buffer {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RadiusError('bad_value', `${name} is no whole number below 2^32`);
  const octets = Buffer.allocUnsafe(4);
  octets.writeUInt32BE(value);
  return octets;
}
