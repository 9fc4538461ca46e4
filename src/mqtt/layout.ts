/** What a field holds. `count`: a whole number from 0 to 2^53 - 1; `?`: or null. */
type FieldType = 'text' | 'text?' | 'count' | 'count?';
/** A field, or a list of records that have fields of their own. */
type Field = FieldType | readonly [Layout];
/** The fields of a message in the order in which MessagePack has them; JSON has their names. */
export interface Layout {
  readonly [name: string]: Field;
}

type Plain = Readonly<Record<string, unknown>>;

/** What came in is no message of ours; `code` is stable. */
export class MessageError extends Error {
  readonly code: 'malformed' | 'version';

  constructor(code: MessageError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'MessageError';
    this.code = code;
  }
}

/** The values of a record without their names. */
export function toRow(layout: Layout, record: Plain): unknown[] {
  return Object.entries(layout).map(([name, field]) => {
    const value = record[name];
    return typeof field === 'string' ? wide(value) : (value as Plain[]).map((one) => toRow(field[0], one));
  });
}

/**
 * The inverse of {@link toRow}. Values behind those of the layout are a later version's, and are left out.
 * @throws {@link MessageError} `malformed`
 */
export function fromRow(layout: Layout, row: unknown): Plain {
  if (!Array.isArray(row)) throw new MessageError('malformed', 'a record is no array');
  const named = Object.keys(layout).map((name, i) => [name, row[i]] as const);
  const record: Record<string, unknown> = Object.fromEntries(named);
  for (const [name, field] of Object.entries(layout)) {
    if (typeof field !== 'string')
      record[name] = listOf(record[name], name).map((one) => fromRow(field[0], one));
  }
  return record;
}

/**
 * The fields of the layout and no others, each of them with a value of its type.
 * @throws {@link MessageError} `malformed`
 */
export function checked(layout: Layout, record: unknown): Plain {
  if (typeof record !== 'object' || record === null)
    throw new MessageError('malformed', 'a record is no object');
  const given = record as Plain;
  const fields: Record<string, unknown> = {};
  for (const name in layout) {
    const field = layout[name]!;
    // Messages of an earlier version lack the fields that were added since.
    const value = given[name] ?? null;
    if (typeof field !== 'string') fields[name] = listOf(value, name).map((one) => checked(field[0], one));
    else if (hasType(value, field)) fields[name] = value;
    else throw new MessageError('malformed', `${name} is no ${field}`);
  }
  return fields;
}

/** Turns whole numbers beyond 32 bits into bigints, which msgpackr writes as 64-bit integers: it would write floats. */
export function wide(value: unknown): unknown {
  return typeof value === 'number' && value > 0xffff_ffff ? BigInt(value) : value;
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function hasType(value: unknown, type: FieldType): boolean {
  if (value === null) return type.endsWith('?');
  return type.startsWith('text') ? isText(value) : isCount(value);
}

/** Removes what no database takes: U+0000 and halves of surrogate pairs. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && /^[^\0\p{Cs}]*$/u.test(value);
}

function listOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new MessageError('malformed', `${name} is no array`);
  return value;
}
