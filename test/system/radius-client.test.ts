// The RADIUS client against a real FreeRADIUS.
import { EventEmitter, once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import type { Attribute } from '../../src/radius/attributes.js';
import { RadiusClient, type RadiusClientOptions } from '../../src/radius/client.js';
import { packetCode } from '../../src/radius/code.js';
import { integerOf, textOf, valuesOf } from '../../src/radius/find.js';
import { chapAttributes } from '../../src/radius/password.js';
import { UdpTransport } from '../../src/radius/udp.js';
import { FreeRadius, hasIPv6 } from './rig/freeradius.js';

let server: FreeRadius;
const clients: RadiusClient[] = [];

test.before(async () => {
  server = await FreeRadius.start({
    users: [
      {
        name: 'nemo',
        password: 'arctangent',
        reply: [
          'Session-Timeout = 3600',
          'Idle-Timeout = 300',
          'Acct-Interim-Interval = 60',
          'Class += 0x00ff6161',
          'Class += 0x6262',
          'WISPr-Bandwidth-Max-Down = 2000000',
          'ChilliSpot-Max-Total-Octets = 705032704',
          'ChilliSpot-Max-Total-Gigawords = 1',
          'Mikrotik-Total-Limit = 4294967295',
          'Mikrotik-Total-Limit-Gigawords = 2',
          'Mikrotik-Rate-Limit = "1M/2M"',
        ],
      },
      { name: 'zoë', password: 'pässwörd €10' },
      { name: 'banned', reply: ['Reply-Message = "not today"'] },
    ],
  });
});

test.after.each(() => {
  for (const client of clients.splice(0)) client.close();
});

test.after(() => server?.close());

function clientOf(
  port: number,
  options: Partial<RadiusClientOptions> = {},
  secret = server.secret,
): RadiusClient {
  const client = new RadiusClient({
    servers: [{ host: '127.0.0.1', port, secret }],
    transport: new UdpTransport(),
    clock: systemClock,
    ...options,
  });
  clients.push(client);
  return client;
}

const login = (name: string, ...credentials: Attribute[]) => ({
  code: packetCode.accessRequest,
  attributes: [['User-Name', name], ...credentials, ['NAS-Identifier', 'turnpike']] as Attribute[],
});

test('a user with the right password is accepted, with all that the reply says', async () => {
  const outcome = await clientOf(server.authPort).request(login('nemo', ['User-Password', 'arctangent']));
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.is(outcome.code, packetCode.accessAccept);
  const reply = outcome.attributes;
  assert.equal(
    valuesOf(reply, 'Class').map((v) => (v as Buffer).toString('hex')),
    ['00ff6161', '6262'],
  );
  for (const [name, value] of Object.entries({
    'Session-Timeout': 3600,
    'Idle-Timeout': 300,
    'Acct-Interim-Interval': 60,
    'WISPr-Bandwidth-Max-Down': 2_000_000,
    'ChilliSpot-Max-Total-Octets': 705_032_704,
    'ChilliSpot-Max-Total-Gigawords': 1,
    'Mikrotik-Total-Limit': 0xffff_ffff,
    'Mikrotik-Total-Limit-Gigawords': 2,
  })) {
    assert.is(integerOf(reply, name), value, name);
  }
  assert.is(textOf(reply, 'Mikrotik-Rate-Limit'), '1M/2M');
});

test('CHAP: the right answer is accepted, any other one rejected', async () => {
  const client = clientOf(server.authPort);
  const right = await client.request(login('nemo', ...chapAttributes('arctangent')));
  assert.ok(right.ok && right.code === packetCode.accessAccept, JSON.stringify(right));
  const wrong = await client.request(login('nemo', ...chapAttributes('arctangens')));
  assert.ok(wrong.ok && wrong.code === packetCode.accessReject, JSON.stringify(wrong));
});

test('a wrong password, and a user who is not let in, are rejected with the reason', async () => {
  const client = clientOf(server.authPort);
  const wrong = await client.request(login('nemo', ['User-Password', 'x'.repeat(128)]));
  assert.ok(wrong.ok && wrong.code === packetCode.accessReject);
  const banned = await client.request(login('banned', ['User-Password', 'any']));
  assert.ok(banned.ok && banned.code === packetCode.accessReject);
  assert.is(textOf(banned.attributes, 'Reply-Message'), 'not today');
  assert.is(client.status[0]!.counters.replies, 2);
});

test('over IPv6 a user logs in and is accounted for', async () => {
  if (!hasIPv6) return console.log('SKIPPED: the loopback has no IPv6 address');
  const at = (port: number) => [{ host: '::1', port, secret: server.secret }];
  const accepted = await clientOf(0, { servers: at(server.authPort) }).request(
    login('nemo', ['User-Password', 'arctangent'], ['NAS-IPv6-Address', '::1']),
  );
  assert.ok(accepted.ok && accepted.code === packetCode.accessAccept, server.log);
  const started = await clientOf(0, { servers: at(server.acctPort) }).request({
    code: packetCode.accountingRequest,
    attributes: [
      ['Acct-Status-Type', 1],
      ['Acct-Session-Id', 'over-ipv6'],
      ['NAS-IPv6-Address', '::1'],
    ],
  });
  assert.ok(started.ok && started.server === `[::1]:${server.acctPort}`, server.log);
  const record = server.detail().find((r) => r.get('Acct-Session-Id')?.[0] === 'over-ipv6');
  assert.equal(record?.get('NAS-IPv6-Address'), ['::1']);
});

test('a password in any characters arrives as it is', async () => {
  const outcome = await clientOf(server.authPort).request(login('zoë', ['User-Password', 'pässwörd €10']));
  assert.ok(outcome.ok && outcome.code === packetCode.accessAccept, server.log);
});

const brief = { irt: 300, mrd: 3_000 };

test('with a wrong secret nothing is accepted, and the counters say that there is silence', async () => {
  const guess = Buffer.from('wrong');
  for (const [port, request] of [
    [server.authPort, login('nemo', ['User-Password', 'arctangent'])],
    [
      server.acctPort,
      { code: packetCode.accountingRequest, attributes: [['Acct-Session-Id', 'x']] as Attribute[] },
    ],
  ] as const) {
    const client = clientOf(port, { retransmission: brief }, guess);
    const outcome = await client.request(request);
    assert.ok(!outcome.ok && outcome.reason === 'timeout', JSON.stringify(outcome));
    const { counters, state } = client.status[0]!;
    assert.equal([counters.replies, counters.silent, state], [0, 1, 'zombie']);
    assert.ok(counters.retransmitted > 0);
  }
});

test('Status-Server is answered on both ports', async () => {
  for (const [port, code] of [
    [server.authPort, packetCode.accessAccept],
    [server.acctPort, packetCode.accountingResponse],
  ] as const) {
    const outcome = await clientOf(port).request({ code: packetCode.statusServer, attributes: [] });
    assert.ok(outcome.ok && outcome.code === code, JSON.stringify(outcome));
  }
});

test('accounting: the server writes down what was sent, to the octet, beyond 4 GiB too', async () => {
  const client = clientOf(server.acctPort);
  const up = 5n * 2n ** 32n + 123_456_789n;
  const down = 2n ** 32n - 1n;
  const low = (n: bigint) => Number(n & 0xffff_ffffn);
  const common: Attribute[] = [
    ['Acct-Session-Id', 'session-1'],
    ['User-Name', 'nemo'],
    ['Class', Buffer.from('00ff6161', 'hex')],
    ['Class', Buffer.from('bb')],
    ['Framed-IP-Address', '10.0.0.9'],
    ['Event-Timestamp', 1_700_000_000],
  ];
  const usage: Attribute[] = [
    ['Acct-Input-Octets', low(up)],
    ['Acct-Input-Gigawords', Number(up >> 32n)],
    ['Acct-Output-Octets', low(down)],
    ['Acct-Output-Gigawords', Number(down >> 32n)],
    ['Acct-Session-Time', 7200],
  ];
  for (const [status, more] of [
    [1, []],
    [3, usage],
    [2, [...usage, ['Acct-Terminate-Cause', 5]]],
  ] as [number, Attribute[]][]) {
    const attributes: Attribute[] = [['Acct-Status-Type', status], ...common, ...more];
    const outcome = await client.request({ code: packetCode.accountingRequest, attributes });
    assert.ok(outcome.ok && outcome.code === packetCode.accountingResponse, JSON.stringify(outcome));
  }
  const records = server.detail().filter((r) => r.get('Acct-Session-Id')?.[0] === 'session-1');
  assert.equal(
    records.map((r) => r.get('Acct-Status-Type')?.[0]),
    ['Start', 'Interim-Update', 'Stop'],
  );
  const stop = Object.fromEntries(records[2]!);
  for (const [name, values] of Object.entries({
    'User-Name': ['nemo'],
    Class: ['0x00ff6161', '0x6262'],
    'Framed-IP-Address': ['10.0.0.9'],
    'Acct-Input-Octets': ['123456789'],
    'Acct-Input-Gigawords': ['5'],
    'Acct-Output-Octets': ['4294967295'],
    'Acct-Output-Gigawords': ['0'],
    'Acct-Session-Time': ['7200'],
    'Acct-Terminate-Cause': ['Session-Timeout'],
  })) {
    assert.equal(stop[name], values, name);
  }
});

test('a server that is silent is left for the next one, and taken again when it answers', async () => {
  const other = await FreeRadius.start();
  try {
    const changes = new EventEmitter();
    const states: string[] = [];
    const client = clientOf(0, {
      servers: [
        { host: '127.0.0.1', port: other.acctPort, secret: other.secret },
        { host: 'localhost', port: server.acctPort, secret: server.secret },
      ],
      retransmission: { irt: 1_000 },
      changed: (_, state) => {
        states.push(state);
        changes.emit(state);
      },
    });
    const start = async (id: string) => {
      const attributes: Attribute[] = [
        ['Acct-Status-Type', 1],
        ['Acct-Session-Id', id],
      ];
      const outcome = await client.request({ code: packetCode.accountingRequest, attributes });
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.server;
    };
    const [first, second] = [`127.0.0.1:${other.acctPort}`, `localhost:${server.acctPort}`];
    assert.is(await start('one'), first);
    other.pause();
    assert.is(await start('two'), second);
    assert.is(await start('three'), second);
    const back = once(changes, 'live');
    other.resume();
    await back;
    assert.is(await start('four'), first);
    await other.kill();
    assert.is(await start('five'), second);
    const again = once(changes, 'live');
    await other.start();
    await again;
    assert.is(await start('six'), first);
    assert.equal(states, ['zombie', 'live', 'zombie', 'live']);
  } finally {
    await other.close();
  }
});

test.run();
