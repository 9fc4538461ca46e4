// The only place that knows the npm package `radius`, of which the dictionaries are used and nothing else. Its codec
// puts attributes into an object by name (their order and the vendor's repeats are gone), reads text as lossy UTF-8 and
// numbers as names, and lets lengths pass that reach beyond their attribute; its authentication compares digests as
// text. It stays outside the bundle: it reads its files beside itself.
import radius from 'radius';
import { vendorDictionary, vendorIds } from './vendors.js';

/** How the octets of an attribute are read (RFC 2865 §5, RFC 3162 §2). */
export type AttributeType = 'integer' | 'text' | 'ipv4' | 'ipv6' | 'ipv6prefix' | 'octets';

/** An attribute that has a name. */
export interface Definition {
  readonly name: string;
  readonly type: AttributeType;
  /** Number of the attribute, among those of its vendor if it has one. */
  readonly id: number;
  /** Enterprise number; undefined for attributes of the standard. */
  readonly vendor: number | undefined;
}

const column = { name: 1, type: 2, modifiers: 5 } as const;

/** Types of the dictionary files; those that are not here are octets. */
const types: Readonly<Record<string, AttributeType>> = {
  integer: 'integer',
  date: 'integer',
  time: 'integer',
  string: 'text',
  text: 'text',
  ipaddr: 'ipv4',
  ipv6addr: 'ipv6',
  ipv6prefix: 'ipv6prefix',
};

const byName = new Map<string, Definition>();
const byNumber = new Map<number | undefined, Map<number, Definition>>();

function typeOf(id: number, vendor: number | undefined): AttributeType {
  const modifiers = radius._attr_to(id, vendor, column.modifiers) as Record<string, boolean>;
  // The first octet of a tagged value is no text, and a hidden one is readable only with its packet.
  const opaque = Object.keys(modifiers).some((m) => m === 'has_tag' || m.startsWith('encrypt='));
  const type = radius._attr_to(id, vendor, column.type) as string;
  return opaque ? 'octets' : (types[type] ?? 'octets');
}

function load(vendor: number | undefined): void {
  const numbers = new Map<number, Definition>();
  for (let id = 1; id <= 255; id++) {
    const name = radius._attr_to(id, vendor, column.name) as string | undefined;
    if (name === undefined) continue;
    const definition: Definition = { name, type: typeOf(id, vendor), id, vendor };
    byName.set(name, definition);
    numbers.set(id, definition);
  }
  byNumber.set(vendor, numbers);
}

radius.load_dictionaries();
radius._load_dictionary(vendorDictionary);
for (const vendor of [undefined, ...vendorIds]) load(vendor);

/** The attribute of this name, if a dictionary has it. */
export function definitionOf(name: string): Definition | undefined {
  return byName.get(name);
}

/** The attribute of this number, of the standard or of a vendor. */
export function definitionAt(id: number, vendor?: number): Definition | undefined {
  return byNumber.get(vendor)?.get(id);
}

/** The attributes of this vendor have names, so their form is known too. */
export function knowsVendor(vendor: number): boolean {
  return byNumber.has(vendor);
}
