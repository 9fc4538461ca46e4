import { type Dialect, mixEpoch, openState } from '../src/domain/dialect.js';
import { Cursor, closeBrace, comma, openBrace } from './cursor.js';
import { Layout } from './layout.js';
import { hash, readInteger, readIpv4, readMac } from './values.js';

/**
 * One client as the scanner found it. The scanner reuses one object for all clients of a reply: copy what must last.
 */
export interface Scanned {
  /** The MAC as a number below 2^48. */
  mac: number;
  /** IPv4 as a number below 2^32. */
  ip: number;
  /** Bytes since the epoch began. */
  up: number;
  down: number;
  epoch: number;
  open: boolean;
}

/** How a scan ended. */
export type ScanResult =
  | {
      readonly ok: true;
      /** The reply has its end, and as many clients as it says. */
      readonly complete: boolean;
      /** Clients given to the visitor. */
      readonly clients: number;
      /** Client objects that made no sense and were left out. */
      readonly odd: number;
    }
  | { readonly ok: false; readonly reason: 'empty' | 'malformed' };

/** What a key of a client object means to us; the fields of the epoch follow from `epoch` on. */
const field = { none: 0, end: 1, mac: 2, ip: 3, state: 4, up: 5, down: 6, epoch: 7 } as const;

const clientsKey = Buffer.from('clients');
const countKeys = [Buffer.from('client_list_length'), Buffer.from('client_length')];
const open = Buffer.from(openState);

/** A part of the reply with its clients, and whether its end was there. */
interface Part {
  readonly clients: number;
  readonly odd: number;
  readonly whole: boolean;
}

/**
 * Reads the reply to `json` byte by byte, without a string or an object for each client.
 *
 * The replies are nearly JSON: keys repeat, for clients are unique by MAC and address and the table is keyed by MAC;
 * numbers may be `inf`. As in JSON the last value of a repeated field counts. A reply that was cut short gives the
 * client objects that are whole.
 */
export class Scanner {
  readonly #bytesPerUnit: number;
  readonly #fields: readonly { readonly name: Buffer; readonly field: number }[];
  readonly #epoch: Uint32Array;
  readonly #client: Scanned = { mac: 0, ip: 0, up: 0, down: 0, epoch: 0, open: false };
  /** What the counters say, in the portal's units: up, down. */
  readonly #numbers = new Float64Array(2);
  readonly #cursor = new Cursor();
  readonly #layout = new Layout();

  constructor(dialect: Dialect) {
    this.#bytesPerUnit = dialect.bytesPerUnit;
    this.#epoch = new Uint32Array(dialect.epoch.length);
    const fields: [string, number][] = [
      ['mac', field.mac],
      ['ip', field.ip],
      ['state', field.state],
      [dialect.keys.up, field.up],
      [dialect.keys.down, field.down],
      ...dialect.epoch.map((key, i): [string, number] => [key, field.epoch + i]),
    ];
    this.#fields = fields.map(([name, number]) => ({ name: Buffer.from(name), field: number }));
  }

  /**
   * Scans a whole reply.
   * @param visit called for each client that makes sense, in the order of the reply
   * @param visitOdd called with the MAC of each one that does not, if that can be read
   */
  scan(
    bytes: Buffer,
    visit: (client: Scanned) => void,
    visitOdd: (mac: number) => void = () => {},
  ): ScanResult {
    const cursor = this.#cursor;
    cursor.reset(bytes);
    cursor.skipSpace();
    if (cursor.at === bytes.length) return { ok: false, reason: 'empty' };
    if (!cursor.take(openBrace)) return { ok: false, reason: 'malformed' };
    let stated = -1;
    let part: Part | undefined;
    while (!cursor.take(closeBrace)) {
      const key = cursor.key() ? this.#topLevel() : 'none';
      if (key === 'clients') part = this.#table(visit, visitOdd);
      else if (key === 'none' || !cursor.value()) return partial(part);
      if (key === 'count') {
        readInteger(cursor, this.#numbers, 0);
        stated = this.#numbers[0]!;
      }
      if (part && !part.whole) return partial(part);
      cursor.take(comma);
    }
    // Without a table of clients it is no list: `{}` is the reply for one client that is not known.
    if (!part) return { ok: false, reason: 'malformed' };
    const { clients, odd } = part;
    return { ok: true, complete: stated === clients + odd, clients, odd };
  }

  #topLevel(): 'clients' | 'count' | 'other' {
    if (this.#cursor.is(clientsKey)) return 'clients';
    return countKeys.some((key) => this.#cursor.is(key)) ? 'count' : 'other';
  }

  #table(visit: (client: Scanned) => void, visitOdd: (mac: number) => void): Part {
    const cursor = this.#cursor;
    let clients = 0;
    let odd = 0;
    let whole = cursor.take(openBrace);
    while (whole && !cursor.take(closeBrace)) {
      const isKey = cursor.key();
      const { start, end } = cursor;
      const sound = isKey && cursor.take(openBrace) ? this.#object() : undefined;
      if (sound) {
        clients += 1;
        visit(this.#client);
      } else if (sound === false) {
        odd += 1;
        const mac = this.#macOr(start, end);
        if (mac >= 0) visitOdd(mac);
      } else whole = false;
      cursor.take(comma);
    }
    return { clients, odd, whole };
  }

  /** The MAC of the object just read, or the one in its key; -1 where there is none. */
  #macOr(start: number, end: number): number {
    const client = this.#client;
    if (client.mac < 0) readMac({ bytes: this.#cursor.bytes, start, end }, client);
    return client.mac;
  }

  /** One client object behind its brace: sound, odd, or undefined where the reply breaks off in it. */
  #object(): boolean | undefined {
    const cursor = this.#cursor;
    const client = this.#client;
    const numbers = this.#numbers;
    client.mac = client.ip = numbers[0] = numbers[1] = -1;
    client.open = false;
    const epoch = this.#epoch;
    for (let i = 0; i < epoch.length; i++) epoch[i] = 0;
    let stated = false;
    this.#layout.turn = 0;
    for (;;) {
      const follows = this.#layout.follow(cursor);
      const number = follows >= 0 ? follows : this.#next();
      if (number === field.end) break;
      if (number < 0 || !cursor.value()) return undefined;
      this.#layout.turn += 1;
      if (number === field.state) stated = true;
      if (number !== field.none) this.#set(number);
    }
    let mixed = 0;
    for (let i = 0; i < epoch.length; i++) mixed = mixEpoch(mixed, epoch[i]!);
    client.epoch = mixed;
    client.up = numbers[0]! * this.#bytesPerUnit;
    client.down = numbers[1]! * this.#bytesPerUnit;
    const exact = Number.isSafeInteger(client.up) && Number.isSafeInteger(client.down);
    return stated && exact && client.mac >= 0 && client.ip >= 0 && client.up >= 0 && client.down >= 0;
  }

  /** Goes to the next value that is asked for, or that differs from client to client. @returns its field, or -1. */
  #next(): number {
    const cursor = this.#cursor;
    const layout = this.#layout;
    let from = cursor.at;
    let first = layout.turn;
    for (;;) {
      if (layout.turn > 0) cursor.take(comma);
      const end = cursor.take(closeBrace);
      if (!end && !cursor.key()) return -1;
      const number = end ? field.end : this.#field();
      const start = cursor.at;
      if (number !== field.none || layout.varies) {
        layout.learn(cursor.view, from, start, first, number);
        return number;
      }
      if (!cursor.value()) return -1;
      const differed = layout.passed(cursor, start);
      if (differed) layout.learn(cursor.view, from, start, first, number);
      layout.turn += 1;
      if (differed) {
        from = cursor.at;
        first = layout.turn;
      }
    }
  }

  #field(): number {
    for (const known of this.#fields) if (this.#cursor.is(known.name)) return known.field;
    return field.none;
  }

  #set(number: number): void {
    const cursor = this.#cursor;
    const client = this.#client;
    if (number === field.mac) readMac(cursor, client);
    else if (number === field.ip) readIpv4(cursor, client);
    else if (number === field.state) client.open = cursor.is(open);
    else if (number === field.up) readInteger(cursor, this.#numbers, 0);
    else if (number === field.down) readInteger(cursor, this.#numbers, 1);
    else this.#epoch[number - field.epoch] = hash(cursor);
  }
}

/** What is left of a reply that breaks off: its whole clients, or nothing if it had not come to them. */
function partial(part: Part | undefined): ScanResult {
  if (!part) return { ok: false, reason: 'malformed' };
  return { ok: true, complete: false, clients: part.clients, odd: part.odd };
}
