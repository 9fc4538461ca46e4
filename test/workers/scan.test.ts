import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dialect, epochOf } from '../../src/domain/dialect.js';
import { type Mac, macFromNumber, macToNumber } from '../../src/domain/mac.js';
import { nodogsplash } from '../../src/portals/nodogsplash/dialect.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type Scanned, Scanner } from '../../workers/scan.js';
import fc from '../rig/properties.js';

const dialects = [opennds, nodogsplash];

function scan(dialect: Dialect, reply: string | Buffer) {
  const clients: Scanned[] = [];
  const bytes = typeof reply === 'string' ? Buffer.from(reply, 'latin1') : reply;
  const result = new Scanner(dialect).scan(bytes, (c) => clients.push({ ...c }));
  return { result, clients };
}

interface Model {
  readonly mac: number;
  readonly ip: number;
  readonly token: string;
  readonly start: string;
  readonly up: number;
  readonly down: number;
  readonly open: boolean;
}

const model: fc.Arbitrary<Model> = fc.record({
  mac: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  ip: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  token: fc.stringMatching(/^[0-9a-f]{8}$/),
  start: fc.nat().map(String),
  up: fc.oneof(fc.nat(), fc.integer({ min: 0, max: Math.floor(Number.MAX_SAFE_INTEGER / 1024) })),
  down: fc.oneof(fc.nat(), fc.integer({ min: 0, max: Math.floor(Number.MAX_SAFE_INTEGER / 1024) })),
  open: fc.boolean(),
});

const dotted = (n: number) => [24, 16, 8, 0].map((s) => (n >>> s) & 255).join('.');

/** The fields of a client object, strings or numbers as the dialect has them. */
function fieldsOf(dialect: Dialect, m: Model): [string, unknown][] {
  const number = (n: number) => (dialect.name === 'opennds' ? String(n) : n);
  return [
    ['mac', macFromNumber(m.mac)],
    ['ip', dotted(m.ip)],
    ['token', m.token],
    [dialect.name === 'opennds' ? 'session_start' : 'added', dialect.name === 'opennds' ? m.start : 0],
    ['state', m.open ? 'Authenticated' : 'Preauthenticated'],
    [dialect.keys.up, number(m.up)],
    [dialect.keys.down, number(m.down)],
  ];
}

function expected(dialect: Dialect, m: Model): Scanned {
  return {
    mac: m.mac,
    ip: m.ip,
    up: m.up * dialect.bytesPerUnit,
    down: m.down * dialect.bytesPerUnit,
    epoch: epochOf(dialect.name === 'opennds' ? [m.token, m.start] : [m.token]),
    open: m.open,
  };
}

/** Other fields, with names and values that try to be taken for ours. */
const noise = fc.array(
  fc.tuple(
    fc.oneof(fc.string(), fc.constantFrom('xmac', 'custom', 'gatewayname', 'state ', 'client_length')),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('"state":"Authenticated"', '\\"', '},"clients":{', {
        state: 'Authenticated',
        mac: 'x',
      }),
    ),
  ),
  { maxLength: 4 },
);

const ours = new Set(dialects.flatMap((d) => ['mac', 'ip', 'state', d.keys.up, d.keys.down, ...d.epoch]));

/** A reply with these clients, in any order of fields; `JSON.parse` reads it but for repeated MACs. */
const reply = (dialect: Dialect) =>
  fc
    .array(
      fc.tuple(model, noise, fc.infiniteStream(fc.nat())).map(([m, more, order]) => {
        const fields = [...fieldsOf(dialect, m), ...more.filter(([key]) => !ours.has(key))];
        const sorted = fields.map((f) => [order.next().value, f] as const).sort((a, b) => a[0] - b[0]);
        const body = sorted.map(([, [k, v]]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',\n');
        return { m, text: `"${macFromNumber(m.mac)}":{\n${body}\n}` };
      }),
      { maxLength: 12 },
    )
    .map((list) => {
      const count =
        dialect.name === 'opennds'
          ? `"client_list_length":"${list.length}"`
          : `"client_length": ${list.length}`;
      const tail = dialect.name === 'opennds' ? ',"trusted_list_length":"1","trusted":["aa"]' : '';
      return {
        models: list.map((c) => c.m),
        text: `{\n${count},\n"clients":{\n${list.map((c) => c.text).join(',\n')}\n}${tail}\n}\n`,
      };
    });

for (const dialect of dialects) {
  test(`${dialect.name}: any reply reads as JSON.parse reads it, with no client lost to a repeated key`, () => {
    fc.assert(
      fc.property(reply(dialect), ({ models, text }) => {
        JSON.parse(text);
        const { result, clients } = scan(dialect, text);
        assert.equal(result, { ok: true, complete: true, clients: models.length, odd: 0 });
        assert.equal(
          clients,
          models.map((m) => expected(dialect, m)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test(`${dialect.name}: cut anywhere, it gives whole clients only and never says complete`, () => {
    fc.assert(
      fc.property(reply(dialect), fc.nat(), ({ models, text }, at) => {
        const body = text.trimEnd();
        const { result, clients } = scan(dialect, body.slice(0, at % body.length));
        if (result.ok) assert.is(result.complete, false);
        assert.equal(
          clients,
          models.slice(0, clients.length).map((m) => expected(dialect, m)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test(`${dialect.name}: any bytes end in a result`, () => {
    const mixed = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b)),
      fc.tuple(reply(dialect), fc.nat(), fc.nat(255)).map(([{ text }, at, byte]) => {
        const bytes = Buffer.from(text);
        bytes[at % bytes.length] = byte;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(mixed, (bytes) => {
        const { clients } = scan(dialect, bytes);
        for (const c of clients) assert.ok(c.up >= 0 && c.down >= 0 && c.mac >= 0 && c.ip >= 0);
      }),
      { numRuns: 1000 },
    );
  });
}

test('nothing reads as no clients but a list without clients', () => {
  for (const text of ['', ' \n']) assert.equal(scan(opennds, text).result, { ok: false, reason: 'empty' });
  for (const text of ['{}', 'No', '{"clients"', '[]', 'null', '{"client_list_length":"0"}', '<html>']) {
    assert.equal(scan(opennds, text).result, { ok: false, reason: 'malformed' }, text);
  }
  assert.equal(scan(nodogsplash, '{\n"client_length": 0,\n"clients":{\n}\n}\n').result, {
    ok: true,
    complete: true,
    clients: 0,
    odd: 0,
  });
});

test('a counter that is no whole number, or too large to be exact, makes its client odd', () => {
  for (const counter of [
    '-1',
    '1.5',
    'inf',
    '-nan',
    '""',
    '99999999999999999',
    '9007199254740993',
    'null',
    '[1]',
  ]) {
    const text = `{"client_length":1,"clients":{"x":{"mac":"02:00:00:00:00:01","ip":"10.0.0.1","token":"a","state":"Authenticated","downloaded":${counter},"uploaded":1}}}`;
    assert.equal(scan(nodogsplash, text).result, { ok: true, complete: true, clients: 0, odd: 1 }, counter);
  }
});

test('the recorded reply with 132 objects under one MAC gives all 132', () => {
  const bytes = readFileSync('test/fixtures/ndsctl/opennds-9.10-132-objects-one-mac.json');
  const { result, clients } = scan(opennds, bytes);
  assert.equal(result, { ok: true, complete: true, clients: 132, odd: 0 });
  assert.is(new Set(clients.map((c) => c.ip)).size, 132);
  assert.is(new Set(clients.map((c) => c.mac)).size, 1);
  assert.is(Object.keys(JSON.parse(bytes.toString()).clients).length, 1, 'JSON.parse keeps one');
});

test('a line end within a text, as openNDS 10.3.1 prints of whom it let in by their MAC, breaks off nothing', () => {
  const client = (n: number, custom: string) =>
    `"02:00:00:00:00:0${n}":{\n"mac":"02:00:00:00:00:0${n}",\n"ip":"10.0.0.${n}",\n"session_start":"${n}",\n` +
    `"token":"a${n}",\n"state":"Authenticated",\n"custom":"${custom}",\n` +
    `"download_this_session":"${n}",\n"upload_this_session":"0"\n}`;
  const preemptive = client(2, ' preemptivemac-02:00:00:00:00:02\n');
  const list = [client(1, 'bm9uZQ=='), preemptive, client(3, 'bm9uZQ==')];
  const text = `{\n"client_list_length":"3",\n"clients":{\n${list.join(',\n')}\n}\n}\n`;
  assert.throws(() => JSON.parse(text));
  const { result, clients } = scan(opennds, text);
  assert.equal(result, { ok: true, complete: true, clients: 3, odd: 0 });
  assert.equal(
    clients.map((c) => [c.open, c.down]),
    [1, 2, 3].map((n) => [true, n * 1024]),
  );
});

test('recordings of both portals read with their units', () => {
  const read = (name: string) => readFileSync(`test/fixtures/portal/${name}-json-all-mixed.json`);
  const mac = macToNumber('02:77:00:00:01:0b' as Mac);
  const ndsOpen = scan(opennds, read('opennds')).clients.filter((c) => c.open);
  assert.equal(
    ndsOpen.map((c) => [c.mac, c.up, c.down]),
    [[mac, 1061 * 1024, 3066 * 1024]],
  );
  const splashOpen = scan(nodogsplash, read('nodogsplash')).clients.filter((c) => c.open);
  assert.equal(
    splashOpen.map((c) => [c.mac, c.up, c.down]),
    [[mac, 1096_000, 3136_000]],
  );
});

test('the first second of who let himself in at nodogsplash is no JSON, and is read all the same', () => {
  const bytes = readFileSync('test/fixtures/portal/nodogsplash-json-all-first-second.json');
  assert.throws(() => JSON.parse(bytes.toString()));
  const { result, clients } = scan(nodogsplash, bytes);
  assert.equal(result, { ok: true, complete: true, clients: 1, odd: 0 });
  assert.ok(clients[0]?.open);
});

test.run();
