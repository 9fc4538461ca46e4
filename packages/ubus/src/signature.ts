import { WireError } from './error.js';
import { blobType, encodeTable, type Field, readFields } from './value.js';

/** Types by their numbers (blobmsg.h, `enum blobmsg_type`): ubus has no boolean but the 8-bit number. */
const typeNames = [
  'unspec',
  'array',
  'table',
  'string',
  'int64',
  'int32',
  'int16',
  'boolean',
  'double',
] as const;

/** The type of an argument, as a method announces it. `ubus -v list` has no word for int64, int16 and double. */
export type ArgumentType = (typeof typeNames)[number];

/** Method -> argument -> type. `unknown`: a number that blobmsg has no type for. */
export type Signature = Readonly<Record<string, Readonly<Record<string, ArgumentType | 'unknown'>>>>;

/**
 * The signature as ADD_OBJECT carries it: for each method a table of the numbers of its arguments' types.
 * @throws {@link WireError} `unsupported` for a type that is none.
 */
export function encodeSignature(
  methods: Readonly<Record<string, { readonly args: Readonly<Record<string, ArgumentType>> }>>,
): Buffer {
  const tables = Object.entries(methods).map(([name, { args }]) => {
    const types = Object.entries(args).map(([arg, type]) => [arg, numberOf(type)]);
    return [name, Object.fromEntries(types)];
  });
  return encodeTable(Object.fromEntries(tables));
}

function numberOf(type: ArgumentType): number {
  const number = typeNames.indexOf(type);
  if (number < 0)
    throw new WireError('unsupported', `there is no type '${type}', but ${typeNames.join(', ')}`);
  return number;
}

/** The opposite. @throws {@link WireError} */
export function decodeSignature(bytes: Buffer): Signature {
  const methods = readFields(bytes).filter(({ type }) => type === blobType.table);
  return Object.fromEntries(methods.map(({ name, value }) => [name, argumentsOf(value as Field[])]));
}

function argumentsOf(fields: readonly Field[]): Signature[string] {
  return Object.fromEntries(fields.map(({ name, value }) => [name, typeNames[Number(value)] ?? 'unknown']));
}
