import { type Attribute, attributes, type BlobWriter, padded, written } from './blob.js';
import { WireError } from './error.js';

/** What ubus carries, in JavaScript: whole numbers beyond 2^53 are bigints. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | { readonly [key: string]: unknown };
export type Table = Record<string, unknown>;

/** Types of blobmsg (blobmsg.h). */
export const blobType = {
  null: 0,
  array: 1,
  table: 2,
  string: 3,
  int64: 4,
  int32: 5,
  int16: 6,
  int8: 7,
  double: 8,
} as const;

/** A named value with its type on the wire, so that it encodes to the same bytes again. */
export interface Field {
  readonly type: number;
  readonly name: string;
  readonly value: null | number | bigint | string | readonly Field[];
}

/** Deeper nesting than any message has, and far less than the stack holds. */
const deepest = 32;
const nameHeader = 2;

/**
 * Reads blobmsg fields with their types.
 * @throws {@link WireError} for a length, name or type that is wrong.
 */
export function readFields(payload: Buffer, depth = 0): Field[] {
  if (depth > deepest) throw new WireError('too_deep', `values are nested more than ${deepest} deep`);
  return attributes(payload).map((attribute) => readField(attribute, depth));
}

function readField({ id: type, extended, payload }: Attribute, depth: number): Field {
  if (!extended) throw new WireError('malformed', 'a value has no name');
  if (payload.length < nameHeader + 1) throw new WireError('truncated', 'a name is cut off');
  const length = payload.readUInt16BE(0);
  const start = padded(nameHeader + length + 1);
  // The name's padding may be cut where the value is empty.
  if (nameHeader + length + 1 > payload.length) throw new WireError('truncated', 'a name is cut off');
  const name = payload.toString('utf8', nameHeader, nameHeader + length);
  const data = payload.subarray(Math.min(start, payload.length));
  return { type, name, value: readValue(type, data, depth) };
}

function readValue(type: number, data: Buffer, depth: number): Field['value'] {
  switch (type) {
    case blobType.null:
      return null;
    case blobType.array:
    case blobType.table:
      return readFields(data, depth + 1);
    case blobType.string:
      return readText(data);
    case blobType.int64:
      return need(data, 8).readBigInt64BE(0);
    case blobType.int32:
      return need(data, 4).readInt32BE(0);
    case blobType.int16:
      return need(data, 2).readInt16BE(0);
    case blobType.int8:
      return need(data, 1).readUInt8(0);
    case blobType.double:
      return need(data, 8).readDoubleBE(0);
    default:
      throw new WireError('unsupported', `there is no type ${type}`);
  }
}

function need(data: Buffer, size: number): Buffer {
  if (data.length !== size)
    throw new WireError('malformed', `a number has ${data.length} bytes, not ${size}`);
  return data;
}

/** A string up to its NUL. */
export function readText(data: Buffer): string {
  const end = data.indexOf(0);
  if (end < 0) throw new WireError('malformed', 'a string has no end');
  return data.toString('utf8', 0, end);
}

/** Fields as a table; of a repeated name the first counts. `__proto__` is a name like any other. */
export function toTable(fields: readonly Field[]): Table {
  const table: Table = {};
  for (const { type, name, value } of fields) {
    if (Object.hasOwn(table, name)) continue;
    const converted = toValue(type, value);
    if (name === '__proto__') {
      Object.defineProperty(table, name, {
        value: converted,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else table[name] = converted;
  }
  return table;
}

function toValue(type: number, value: Field['value']): Value {
  switch (type) {
    case blobType.int8:
      return value !== 0;
    case blobType.int64: {
      const n = Number(value);
      return Number.isSafeInteger(n) ? n : (value as bigint);
    }
    case blobType.array:
      return (value as Field[]).map((field) => toValue(field.type, field.value));
    case blobType.table:
      return toTable(value as Field[]);
    default:
      return value as Value;
  }
}

/** Reads a table. @throws {@link WireError} */
export function decodeTable(payload: Buffer): Table {
  return toTable(readFields(payload));
}

/** A table as blobmsg fields. @throws {@link WireError} `unsupported` for what ubus has no type for. */
export function encodeTable(table: Table): Buffer {
  return written((writer) => writeTable(writer, table, 0));
}

/** An attribute with a table. @throws {@link WireError} `unsupported` for what ubus has no type for. */
export function putTable(writer: BlobWriter, id: number, table: Table): void {
  const at = writer.open(id, false);
  writeTable(writer, table, 0);
  writer.close(at);
}

/** Fields as they were read. */
export function encodeFields(fields: readonly Field[]): Buffer {
  return written((writer) => {
    for (const field of fields) writeField(writer, field);
  });
}

function writeField(writer: BlobWriter, { type, name, value }: Field): void {
  const at = begin(writer, type, name);
  if (type === blobType.array || type === blobType.table) {
    for (const field of value as readonly Field[]) writeField(writer, field);
  } else writeScalar(writer, type, value as null | number | bigint | string);
  writer.close(at);
}

function writeScalar(writer: BlobWriter, type: number, value: null | number | bigint | string): void {
  if (type === blobType.string) writer.text(value as string);
  else if (type === blobType.int64) writer.i64(value as bigint);
  else if (type === blobType.int32) writer.i32(value as number);
  else if (type === blobType.int16) writer.u16((value as number) & 0xffff);
  else if (type === blobType.int8) writer.u8(value as number);
  else if (type === blobType.double) writer.double(value as number);
}

/** No entries: an array for each field would be most of what a message leaves. */
function writeTable(writer: BlobWriter, table: Table, depth: number): void {
  for (const name of Object.keys(table)) writeValue(writer, name, table[name], depth);
}

function writeValue(writer: BlobWriter, name: string, value: unknown, depth: number): void {
  if (value === undefined) return;
  if (depth > deepest) throw new WireError('too_deep', `values are nested more than ${deepest} deep`);
  const type = typeOf(value);
  const at = begin(writer, type, name);
  if (type === blobType.array)
    for (const item of value as unknown[]) writeValue(writer, '', item ?? null, depth + 1);
  else if (type === blobType.table) writeTable(writer, value as Table, depth + 1);
  else if (type === blobType.int64) writer.i64(BigInt(value as number | bigint));
  else
    writeScalar(writer, type, typeof value === 'boolean' ? Number(value) : (value as null | number | string));
  writer.close(at);
}

function typeOf(value: unknown): number {
  if (value === null) return blobType.null;
  if (typeof value === 'boolean') return blobType.int8;
  if (typeof value === 'string') return blobType.string;
  if (typeof value === 'number') return typeOfNumber(value);
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) return blobType.int64;
    throw new WireError('unsupported', 'a whole number has more than 64 bits');
  }
  if (Array.isArray(value)) return blobType.array;
  if (typeof value === 'object') return blobType.table;
  throw new WireError('unsupported', `ubus cannot carry a ${typeof value}`);
}

function typeOfNumber(n: number): number {
  if (Number.isInteger(n) && (n | 0) === n && !Object.is(n, -0)) return blobType.int32;
  if (Number.isSafeInteger(n) && !Object.is(n, -0)) return blobType.int64;
  // The command line would print it, and no JSON parser would read that.
  if (!Number.isFinite(n)) throw new WireError('unsupported', `ubus cannot carry ${n}`);
  return blobType.double;
}

function begin(writer: BlobWriter, type: number, name: string): number {
  const at = writer.open(type, true);
  const size = Buffer.byteLength(name);
  if (size > 0xffff) throw new WireError('too_large', 'a name is longer than 64 KiB');
  writer.u16(size);
  writer.text(name);
  writer.pad();
  return at;
}
