import { type Dialect, epochOf, openState } from '../../domain/dialect.js';
import { parseMac } from '../../domain/mac.js';
import type { PortalClient } from '../../domain/reading.js';
import { bytes } from '../../domain/units.js';

/** The reply to `json MAC`: the client, no such client, or nothing that can be believed. */
export type OneReply =
  | { readonly ok: true; readonly client: PortalClient | undefined }
  | { readonly ok: false; readonly reason: 'empty' | 'malformed' };

/** A client object is about 900 bytes. */
const longest = 16 * 1024;
/** nodogsplash divides by zero in a client's first second. */
const notJson = /:\s*-?(?:inf|nan)\s*(?=[,}])/g;
/** openNDS 10.3.1 prints a line end within the text `custom` of a client that it let in by its MAC. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const control = /[\u0000-\u001f]/g;
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads the reply about one client. A reply that is cut short, empty or odd is a fault and never means "no
 * such client", for then an open gate would count as shut.
 */
export function readOne(dialect: Dialect, reply: Buffer): OneReply {
  if (reply.length === 0) return { ok: false, reason: 'empty' };
  const fields = reply.length <= longest ? parse(reply.toString('latin1')) : undefined;
  if (!fields) return { ok: false, reason: 'malformed' };
  if (Object.keys(fields).length === 0) return { ok: true, client: undefined };
  const client = clientOf(dialect, fields);
  return client ? { ok: true, client } : { ok: false, reason: 'malformed' };
}

/** All clients of the reply to `json`; undefined for one that is cut short, empty or odd. */
export function readAll(dialect: Dialect, reply: Buffer): readonly PortalClient[] | undefined {
  const listed = parse(reply.toString('latin1'))?.clients;
  if (typeof listed !== 'object' || listed === null) return undefined;
  const clients = Object.values(listed).map((fields) => clientOf(dialect, Object(fields)));
  return clients.every((client) => client !== undefined) ? clients : undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(control, ' ').replace(notJson, ':null'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function clientOf(dialect: Dialect, fields: Record<string, unknown>): PortalClient | undefined {
  const mac = parseMac(fields.mac);
  const up = counter(fields[dialect.keys.up], dialect.bytesPerUnit);
  const down = counter(fields[dialect.keys.down], dialect.bytesPerUnit);
  const { ip, state } = fields;
  const marks = dialect.epoch.map((key) => fields[key]);
  if (!mac || up === undefined || down === undefined) return undefined;
  if (typeof ip !== 'string' || !ipv4.test(ip) || typeof state !== 'string') return undefined;
  if (!marks.every((mark) => typeof mark === 'string')) return undefined;
  const token = String(fields.token);
  return {
    mac,
    ip,
    token,
    epoch: epochOf(marks as string[]),
    up: bytes(up),
    down: bytes(down),
    open: state === openState,
  };
}

/** openNDS writes its numbers as strings. */
function counter(value: unknown, unit: number): number | undefined {
  const text = String(value);
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const n = Number(text) * unit;
  return Number.isSafeInteger(n) ? n : undefined;
}
