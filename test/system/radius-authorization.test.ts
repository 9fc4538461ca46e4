// Dynamic authorisation, asked by FreeRADIUS's own client.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import { errorCause } from '../../src/radius/code.js';
import {
  DynamicAuthorization,
  type DynamicAuthorizationAnswer,
  type DynamicAuthorizationRequest,
} from '../../src/radius/dynamic-authorization.js';
import { textOf } from '../../src/radius/find.js';
import { type Listener, listen } from '../../src/radius/udp.js';
import { radclient, silence } from './rig/radclient.js';

const secret = Buffer.from('testing-secret');
const handled: DynamicAuthorizationRequest[] = [];
const datagrams: Buffer[] = [];
let server: DynamicAuthorization;
let listener: Listener;

async function handle(request: DynamicAuthorizationRequest): Promise<DynamicAuthorizationAnswer> {
  handled.push(request);
  if (textOf(request.attributes, 'User-Name') === 'nemo') return { ack: true };
  return { ack: false, cause: errorCause.sessionContextNotFound };
}

test.before(async () => {
  server = new DynamicAuthorization({
    clients: [{ address: '127.0.0.1', secret }],
    clock: systemClock,
    handle,
  });
  listener = await listen({ address: '127.0.0.1', port: 0 }, (datagram, from, send) => {
    datagrams.push(datagram);
    void server.receive(datagram, from, send);
  });
});

test.before.each(() => {
  handled.length = 0;
  datagrams.length = 0;
});

test.after(() => listener?.close());

const now = () => `Event-Timestamp = ${Math.floor(Date.now() / 1000)}`;
const ask = (kind: 'disconnect' | 'coa', attributes: readonly string[]) =>
  radclient(listener.port, kind, attributes, secret);
const unanswered = (attributes: readonly string[], by = secret) =>
  radclient(listener.port, 'disconnect', attributes, by, silence);

test('a Disconnect-Request is acknowledged, with and without a Message-Authenticator', async () => {
  for (const signature of [[], ['Message-Authenticator = 0x00']]) {
    const { reply, output } = await ask('disconnect', ['User-Name = nemo', now(), ...signature]);
    assert.is(reply, 'Disconnect-ACK', output);
  }
  assert.equal(
    handled.map(({ code }) => code),
    ['disconnect', 'disconnect'],
  );
});

test('a CoA-Request arrives with its attributes; a refusal says its Error-Cause', async () => {
  const limit = ['Session-Timeout = 60', 'WISPr-Bandwidth-Max-Down = 1000000'];
  const done = await ask('coa', ['User-Name = nemo', now(), ...limit]);
  assert.is(done.reply, 'CoA-ACK', done.output);
  const names = handled[0]!.attributes.map(([name]) => name);
  assert.ok(names.includes('Session-Timeout') && names.includes('WISPr-Bandwidth-Max-Down'), `${names}`);
  const refused = await ask('coa', ['User-Name = nobody', now()]);
  assert.is(refused.reply, 'CoA-NAK', refused.output);
  assert.equal(refused.attributes, ['Error-Cause = Session-Context-Not-Found']);
  const away = await ask('disconnect', ['User-Name = nobody', now(), 'Proxy-State = 0x010203']);
  assert.is(away.reply, 'Disconnect-NAK', away.output);
  assert.equal(away.attributes, ['Error-Cause = Session-Context-Not-Found', 'Proxy-State = 0x010203']);
});

test('with a wrong secret, an old timestamp or none there is no reply', async () => {
  const old = `Event-Timestamp = ${Math.floor(Date.now() / 1000) - 400}`;
  const results = await Promise.all([
    unanswered(['User-Name = nemo', now()], Buffer.from('wrong')),
    unanswered(['User-Name = nemo', old]),
    unanswered(['User-Name = nemo']),
  ]);
  for (const { reply, output } of results) assert.is(reply, undefined, output);
  const { bad_authenticator, stale, no_event_timestamp } = server.counters.dropped;
  assert.equal([bad_authenticator, stale, no_event_timestamp], [1, 1, 1]);
  assert.is(handled.length, 0);
});

test('a copy of a request gets the same reply, and is not handled again', async () => {
  assert.is((await ask('disconnect', ['User-Name = nemo', now()])).reply, 'Disconnect-ACK');
  const socket = createSocket('udp4');
  try {
    const replies: string[] = [];
    for (let i = 0; i < 2; i++) {
      const replied = once(socket, 'message');
      socket.send(datagrams[0]!, listener.port, '127.0.0.1');
      replies.push(((await replied)[0] as Buffer).toString('hex'));
    }
    assert.is(replies[0], replies[1]);
    assert.is(replies[0]!.slice(0, 2), '29', 'Disconnect-ACK');
  } finally {
    socket.close();
  }
  assert.is(handled.length, 1);
});

test.run();
