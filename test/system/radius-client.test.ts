// The RADIUS client against a real FreeRADIUS.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import type { Attribute } from '../../src/upstream/radius/attributes.js';
import { RadiusClient, type RadiusClientOptions } from '../../src/upstream/radius/client.js';
import { packetCode } from '../../src/upstream/radius/code.js';
import { integerOf, textOf, valuesOf } from '../../src/upstream/radius/find.js';
import { UdpTransport } from '../../src/upstream/radius/udp.js';
import { FreeRadius } from './rig/freeradius.js';

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

test.run();
