// The messages as others see them: against the AsyncAPI document, octet by octet, and from another language.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { causes } from '../../src/domain/session.js';
import { idLength, packIds, unpackIds } from '../../src/domain/session-id.js';
import { MessageError } from '../../src/mqtt/layout.js';
import {
  decodeMessage,
  encodeMessage,
  type Messages,
  type StatusMessage,
  type Topic,
} from '../../src/mqtt/message.js';
import { orderNames } from '../../src/mqtt/section.js';
import { Fold, freshState, type Told } from '../../src/reports/mqtt/fold.js';
import fc from '../rig/properties.js';
import { at, closedRecord, idOf, numbered, plainSession, usageRecord } from './journal.js';

interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}
const document = JSON.parse(readFileSync('src/mqtt/asyncapi.json', 'utf8')) as {
  asyncapi: string;
  channels: Record<string, { address: string }>;
  components: { schemas: Record<string, Schema> };
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(document, 'asyncapi');

function fits(schema: string, value: unknown): void {
  const valid = ajv.validate(`asyncapi#/components/schemas/${schema}`, value);
  assert.ok(valid, `${schema}: ${ajv.errorsText()} ${JSON.stringify(value)}`);
}

const used = (up: number, down: number, millis: number) => ({ up, down, millis });
const big = 2 ** 40 + 7;

function everything(): Told[] {
  const fold = new Fold('r1', freshState('0a1b2c3d4e5f', 60_000));
  const [a, b] = [idOf(77), idOf(2 ** 40)];
  const lots = plainSession(b, used(0, 0, 0)).lots;
  const granted = lots.map((lot) => ({ ...lot, funding: { method: 'grant', reference: 'broken film' } }));
  const { user: _nobody, ...pending } = plainSession(b, used(0, 0, 0), { lots: granted });
  return numbered([
    { t: 'session', at, what: 'opened', session: plainSession(a, used(0, 0, 0)) },
    { t: 'session', at, what: 'opened', session: pending },
    usageRecord(at, [
      [a, used(70_000, big, 60_000)],
      [b, used(1, 200, 0)],
    ]),
    { t: 'session', at, what: 'low', session: plainSession(a, used(80_000, big, 61_000), { low: true }) },
    closedRecord(at + 5, a, used(80_001, big + 1, 62_000)),
  ]).flatMap((record) => fold.take(record));
}

const status: StatusMessage = {
  version: 1,
  router: 'r1',
  boot: 'b',
  state: 'online',
  software: '0.1.0',
  at,
  ...{ pending: 1, active: 200, suspended: 3, closing: 0 },
};
const samples: { readonly topic: Topic; readonly message: Messages[Topic] }[] = [
  ...everything(),
  { topic: 'status', message: status },
];

test('every message fits its schema, in both formats, and is read back as it was', () => {
  assert.equal(new Set(samples.map(({ topic }) => topic)).size, 3);
  for (const { topic, message } of samples) {
    for (const format of ['msgpack', 'json'] as const) {
      const read = decodeMessage(topic, encodeMessage(topic, message, format));
      fits(topic, read);
      assert.equal(read, message);
    }
  }
});

test('MessagePack has the values in the order of the document', () => {
  const { schemas } = document.components;
  for (const { topic, message } of samples) {
    assert.equal(schemas[topic]?.required, Object.keys(message), topic);
  }
  const session = samples.find((s) => s.topic === 'session')!.message as Messages['session'];
  assert.equal(schemas.session?.properties?.lots?.items?.required, Object.keys(session.lots[0]!));
});

test('the document names what the code has', () => {
  const { schemas } = document.components;
  assert.match(document.asyncapi, /^3\./);
  assert.equal(schemas.session?.properties?.cause?.enum, [...causes, null]);
  assert.equal(schemas.command?.properties?.command?.enum, [...orderNames]);
  for (const [name, { address }] of Object.entries(document.channels)) {
    assert.is(address, `{prefix}/{router}/${name}`);
  }
});

test('the document says what each order must have', () => {
  const [user, mac] = ['ada', '02:00:00:00:00:01'];
  const payment = { method: 'voucher', code: 'abcd-efgh-jk' };
  const cases: [command: string, args: object | undefined, isFitting: boolean][] = [
    ['status', undefined, true],
    ['close', { id: 's1', reason: 'admin' }, true],
    ['close', { user }, true],
    ['close', { mac }, false],
    ['close', undefined, false],
    ['logout_user', { user }, true],
    ['logout_user', {}, false],
    ['purchase', { mac, user, payment }, true],
    ['purchase', { mac, payment: { method: 'cash', reference: 'till' } }, false],
    ['purchase', { mac, plan: 'day', payment }, false],
    ['voucher_create', { plan: 'day', count: 2 }, true],
    ['voucher_create', { plan: 'day' }, false],
    [
      'payment_confirm',
      { hook: 'card', order: 'x3k9qv7m2c8t4w6z0p5d', amount: '0.50', currency: 'USD' },
      true,
    ],
    ['payment_confirm', { hook: 'card', order: 'x3k9qv7m2c8t4w6z0p5d', amount: 0.5, currency: 'USD' }, false],
    ['sell', {}, false],
  ];
  for (const [command, args, isFitting] of cases) {
    const order = { command, idempotency_key: 'k', ...(args && { arguments: args }) };
    const valid = ajv.validate('asyncapi#/components/schemas/command', order);
    assert.is(valid, isFitting, JSON.stringify(order));
  }
});

test('whole numbers are whole on the wire, and nothing needs an extension', () => {
  for (const { topic, message } of samples) {
    for (const octets of walk(encodeMessage(topic, message, 'msgpack'))) {
      assert.not([0xca, 0xcb, 0xc1].includes(octets), 'a float');
      assert.not((octets >= 0xc7 && octets <= 0xc9) || (octets >= 0xd4 && octets <= 0xd8), 'an extension');
    }
  }
});

/** The first octet of every value. */
function* walk(bytes: Buffer): Generator<number> {
  for (let i = 0; i < bytes.length; ) {
    const tag = bytes[i++]!;
    yield tag;
    const fixed = [1, 2, 4, 8][tag - 0xcc];
    if (tag >= 0xcc && tag <= 0xcf) i += fixed!;
    else if (tag === 0xd3) i += 8;
    else if (tag >= 0xa0 && tag < 0xc0) i += tag & 31;
    else if (tag === 0xd9 || tag === 0xc4) i += 1 + bytes[i]!;
    else if (tag === 0xda || tag === 0xc5) i += 2 + bytes.readUInt16BE(i);
    else if (tag === 0xdc) i += 2;
  }
}

test('a usage report is a quarter of what it is in JSON', () => {
  const rows = Array.from({ length: 50 }, (_, i) => {
    return [idOf(1e9 + i * 31_337_331), used(1e6 + i * 1e5, 5e7 + i * 7e5, 3_600_000)] as const;
  });
  const fold = new Fold('router-17', freshState('0a1b2c3d4e5f', 60_000));
  const more = rows.map(([id, { up, down, millis }]) => {
    return [id, used(up + 60_000, down + 900_000, millis + 60_000)] as const;
  });
  const told = numbered([usageRecord(at, rows), usageRecord(at + 60_000, more)]).flatMap((r) => fold.take(r));
  const message = told[1]!.message as Messages['usage'];
  const packed = encodeMessage('usage', message, 'msgpack').length;
  const json = encodeMessage('usage', message, 'json').length;
  assert.ok(json / packed >= 4, `${json} / ${packed}`);
});

test('ids are packed and unpacked; one of another form leaves all of them as they are', () => {
  const letter = fc.constantFrom(...'abcdefghjkmnpqrstvwxyz0123456789');
  const id = fc.string({ unit: letter, minLength: idLength, maxLength: idLength });
  fc.assert(fc.property(fc.array(id), (ids) => assert.equal(unpackIds(packIds(ids)!), ids)));
  for (const odd of ['', 'short', 'l'.repeat(20), 'a'.repeat(21)])
    assert.is(packIds([idOf(1), odd]), undefined);
  const message: Messages['usage'] = {
    ...{ version: 1, router: 'r', boot: 'b', seq: 1, prev: 0, at },
    sessions: ['odd', idOf(3)].map((session) => ({
      session,
      ...{ up_bytes: 1, down_bytes: 2, millis: 3, total_up_bytes: 4, total_down_bytes: 5, total_millis: 6 },
    })),
  };
  assert.equal(decodeMessage('usage', encodeMessage('usage', message, 'msgpack')), message);
});

test('what is no message of ours is refused, whatever it is', () => {
  const refused = (bytes: Buffer) => {
    try {
      for (const topic of ['usage', 'session', 'status'] as const) fits(topic, decodeMessage(topic, bytes));
    } catch (cause) {
      assert.instance(cause, MessageError);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => refused(Buffer.from(bytes))));
  const whole = encodeMessage('usage', samples.find((s) => s.topic === 'usage')!.message as never, 'msgpack');
  for (let length = 0; length < whole.length; length++) refused(whole.subarray(0, length));
  const later = Buffer.from(JSON.stringify({ ...status, version: 2 }));
  assert.throws(
    () => decodeMessage('status', later),
    (e: MessageError) => e.code === 'version',
  );
  const longer = Buffer.from(JSON.stringify({ ...status, more: 'of a later version' }));
  assert.equal(decodeMessage('status', longer), status);
});

test('Python reads a report with its standard library', () => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.log('skipped: there is no python3');
    return;
  }
  const { message } = samples.find((s) => s.topic === 'usage')!;
  const input = encodeMessage('usage', message as Messages['usage'], 'msgpack');
  const { stdout, stderr } = spawnSync('python3', ['test/mqtt/read_report.py'], { input, encoding: 'utf8' });
  assert.is(stderr, '');
  assert.equal(JSON.parse(stdout), message);
});

test.run();
