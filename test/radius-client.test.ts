// The client on a network and a clock of the test's own: when it sends, to whom, and what it believes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RadiusClient, type RadiusClientOptions } from '../src/upstream/radius/client.js';
import { packetCode } from '../src/upstream/radius/code.js';
import { RadiusError } from '../src/upstream/radius/error.js';
import { textOf } from '../src/upstream/radius/find.js';
import { attributesOf, replyTo, type Sent, secret, TestClock, TestNetwork } from './radius/network.js';

/** Hosts `a` and `b` if there are two servers; no jitter. */
function setup(servers: 1 | 2, options: Partial<RadiusClientOptions> = {}) {
  const clock = new TestClock();
  const network = new TestNetwork(clock);
  const changes: string[] = [];
  const client = new RadiusClient({
    servers: ['a', 'b'].slice(0, servers).map((host) => ({ host, port: 1812, secret })),
    transport: network,
    clock,
    random: () => 0.5,
    changed: (server, state) => changes.push(`${clock.mono()} ${server} ${state}`),
    ...options,
  });
  const access = (name = 'nemo') => client.request({ code: 1, attributes: [['User-Name', name]] });
  return { clock, network, client, changes, access };
}

const accept = (sent: Sent) => sent.reply(replyTo(sent.bytes, packetCode.accessAccept));
const timesOf = (list: readonly Sent[]) => list.map((s) => s.at);

test('an unanswered request is sent again after 2, 4 and 8 s, with the same bytes, and given up after 30 s', async () => {
  const { clock, network, access, client } = setup(1);
  const outcome = access();
  await clock.advance(29_999);
  assert.equal(timesOf(network.sent), [0, 2_000, 6_000, 14_000]);
  assert.is(new Set(network.sent.map((s) => `${s.from} ${s.bytes.toString('hex')}`)).size, 1);
  await clock.advance(1);
  const end = await outcome;
  assert.ok(!end.ok && end.reason === 'timeout');
  assert.match(end.detail, 'a:1812: no reply to 4 transmissions');
  const { counters } = client.status[0]!;
  assert.equal([counters.sent, counters.retransmitted, counters.silent], [1, 3, 1]);
  client.close();
});

test('it is sent five times where there is time, and waits are at most 16 s, a tenth more or less', async () => {
  for (const [random, factor] of [
    [0, 0.9],
    [1, 1.1],
  ] as const) {
    const { clock, network, access, client } = setup(1, {
      retransmission: { mrd: 200_000 },
      random: () => random,
    });
    const outcome = access();
    await clock.advance(120_000);
    const times = timesOf(network.sent.filter((s) => s.bytes[0] === 1));
    assert.is(times.length, 5);
    const waits = times.slice(1).map((t, i) => t - times[i]!);
    assert.is(Math.round(waits[0]!), 2_000 * factor);
    for (const [i, wait] of waits.entries()) assert.ok(wait <= 16_000 * factor + 1e-6, `${i}: ${wait}`);
    assert.not.ok((await outcome).ok);
    client.close();
  }
});

test('after two tries the next server is asked, with an identifier and attributes of its own', async () => {
  const { clock, network, client, changes } = setup(2);
  let asked = 0;
  const outcome = client.request({
    code: 4,
    attributes: () => {
      asked += 1;
      return [['Acct-Delay-Time', clock.mono() / 1000]];
    },
  });
  network.handle = (s) => s.to === 'b:1812' && s.reply(replyTo(s.bytes, packetCode.accountingResponse));
  await clock.advance(6_000);
  assert.equal(timesOf(network.to('a:1812')), [0, 2_000]);
  assert.equal(timesOf(network.to('b:1812')), [6_000]);
  assert.equal(attributesOf(network.to('b:1812')[0]!.bytes), [['Acct-Delay-Time', 6]]);
  const end = await outcome;
  assert.ok(end.ok && end.server === 'b:1812' && end.code === packetCode.accountingResponse);
  assert.is(asked, 2);
  assert.equal(changes, ['6000 a:1812 zombie']);
  client.close();
});

test('a silent server is asked last, and probed with Status-Server ever less often until it answers', async () => {
  const { clock, network, client, changes, access } = setup(2, {
    identity: [['NAS-Identifier', 'turnpike']],
  });
  network.handle = (s) => s.to === 'b:1812' && accept(s);
  const first = access();
  await clock.advance(6_000);
  assert.ok((await first).ok);
  const second = access();
  await clock.advance(0);
  const end = await second;
  assert.ok(end.ok && end.server === 'b:1812');
  await clock.advance(194_000);
  const probes = network.to('a:1812').filter((s) => s.bytes[0] === packetCode.statusServer);
  // Each wait begins when the probe before has been given up.
  assert.equal(timesOf(probes), [11_000, 23_000, 45_000, 87_000, 149_000]);
  assert.is(new Set(probes.map((s) => s.bytes.toString('hex'))).size, probes.length, 'each is another');
  assert.is(new Set(probes.map((s) => s.from)).size, probes.length, 'its name is looked up for each');
  assert.is(probes[0]!.bytes[20], 80, 'its Message-Authenticator is first');
  assert.is(textOf(attributesOf(probes[0]!.bytes), 'NAS-Identifier'), 'turnpike');
  // FreeRADIUS 3.2.1 answers without a Message-Authenticator.
  network.handle = (s) =>
    s.reply(replyTo(s.bytes, packetCode.accessAccept, [], { messageAuthenticator: s.bytes[0] === 1 }));
  await clock.advance(20_000);
  assert.equal(changes, ['6000 a:1812 zombie', '211000 a:1812 live']);
  const third = access();
  await clock.advance(0);
  const back = await third;
  assert.ok(back.ok && back.server === 'a:1812');
  client.close();
  assert.is(clock.pending, 0);
});

test('a server without Status-Server is tried again after a while', async () => {
  const servers = ['a', 'b'].map((host) => ({ host, port: 1812, secret, statusServer: false }));
  const { clock, network, client, changes, access } = setup(2, { servers });
  network.handle = (s) => s.to === 'b:1812' && accept(s);
  void access();
  await clock.advance(11_000);
  assert.equal(changes, ['6000 a:1812 zombie', '11000 a:1812 live']);
  assert.ok(network.sent.every((s) => s.bytes[0] === 1));
  const opened = network.opened;
  void access();
  await clock.advance(0);
  assert.is(network.opened, opened + 1, 'its name is looked up anew');
  client.close();
});

test('silence on one request condemns no server that answers others', async () => {
  const { clock, network, client, changes, access } = setup(2);
  network.handle = (s) => textOf(attributesOf(s.bytes), 'User-Name') === 'nemo' && accept(s);
  const stuck = access('ignored');
  await clock.advance(3_000);
  assert.ok((await access()).ok);
  await clock.advance(3_000);
  assert.equal(changes, []);
  assert.is(network.to('b:1812').length, 1);
  await clock.advance(24_000);
  assert.not.ok((await stuck).ok);
  client.close();
});

test('what is not the reply is dropped and counted, and the request waits on for it', async () => {
  const { clock, network, client, access } = setup(1);
  const outcome = access();
  await clock.advance(0);
  const [sent] = network.sent as [Sent];
  const flipped = replyTo(sent.bytes, 2);
  flipped[10]! ^= 1;
  const other = replyTo(sent.bytes, 2);
  other[1]! ^= 0xff;
  const twice = replyTo(sent.bytes, 2, [['Message-Authenticator', Buffer.alloc(16)]]);
  const fakes = [
    flipped,
    other,
    twice,
    replyTo(sent.bytes, 2, [], { secret: Buffer.from('guess') }),
    replyTo(sent.bytes, 2, [], { messageAuthenticator: false }),
    replyTo(sent.bytes, 5),
    Buffer.alloc(0),
    Buffer.from([2, sent.bytes[1]!, 0, 3]),
    replyTo(sent.bytes, 2, [['Attr-27', Buffer.alloc(3)]]),
  ];
  for (const fake of fakes) sent.reply(fake);
  await clock.advance(1_000);
  assert.equal(client.status[0]!.counters.dropped, {
    malformed: 2,
    unexpected: 3,
    bad_authenticator: 2,
    bad_message_authenticator: 1,
    no_message_authenticator: 1,
  });
  assert.is(client.status[0]!.outstanding, 1);
  sent.reply(replyTo(sent.bytes, 3, [['Reply-Message', 'no']]));
  const end = await outcome;
  assert.ok(
    end.ok && end.code === packetCode.accessReject && textOf(end.attributes, 'Reply-Message') === 'no',
  );
  sent.reply(replyTo(sent.bytes, 2));
  await clock.advance(0);
  assert.is(client.status[0]!.counters.dropped.unexpected, 4, 'a second reply finds nobody');
  client.close();
});

test('a server that is refused is left at once, and there may be none', async () => {
  const { clock, network, client, access } = setup(2);
  network.handle = (s) => (s.to === 'a:1812' ? s.refuse() : accept(s));
  const first = access();
  await clock.advance(0);
  const end = await first;
  assert.ok(end.ok && end.server === 'b:1812');
  network.handle = (s) => s.refuse();
  const second = access();
  await clock.advance(0);
  assert.equal(await second, {
    ok: false,
    reason: 'unreachable',
    detail: 'b:1812: ECONNREFUSED; a:1812: ECONNREFUSED',
  });
  assert.equal(
    client.status.map(({ counters }) => counters.unreachable),
    [2, 1],
  );
  client.close();
});

test('one server that was silent makes it a time-out, whatever the others did', async () => {
  const { clock, network, client, access } = setup(2);
  network.handle = (s) => s.to === 'b:1812' && s.refuse();
  const outcome = access();
  await clock.advance(6_000);
  assert.equal(await outcome, {
    ok: false,
    reason: 'timeout',
    detail: 'a:1812: no reply to 2 transmissions; b:1812: ECONNREFUSED',
  });
  client.close();
});

test('no other server is asked when the time is over', async () => {
  const { clock, network, client, access } = setup(2, { retransmission: { mrd: 3_000 } });
  const outcome = access();
  await clock.advance(3_000);
  assert.not.ok((await outcome).ok);
  assert.equal(network.to('b:1812'), []);
  client.close();
});

test('a name without an address is as good as a refusal, and is looked up again', async () => {
  const { clock, network, client, changes, access } = setup(1);
  network.lost.add('a');
  assert.equal(await access(), { ok: false, reason: 'unreachable', detail: 'a:1812: ENOTFOUND a' });
  network.lost.clear();
  network.handle = accept;
  await clock.advance(5_000);
  assert.equal(changes, ['0 a:1812 zombie', '5000 a:1812 live']);
  client.close();
});

test('256 requests share a source port, more take another, and beyond the bound they wait', async () => {
  const { clock, network, client, access } = setup(1, { sourcePorts: 2 });
  const outcomes = Array.from({ length: 600 }, (_, i) => access(`u${i}`));
  await clock.advance(0);
  assert.is(network.opened, 2);
  assert.is(network.sent.length, 512);
  assert.is(new Set(network.sent.map((s) => `${s.from} ${s.bytes[1]}`)).size, 512);
  const { outstanding, queued } = client.status[0]!;
  assert.equal([outstanding, queued], [512, 88]);
  network.handle = accept;
  for (const sent of network.sent.slice(0, 88)) accept(sent);
  await clock.advance(2_000);
  const ends = await Promise.all(outcomes);
  assert.ok(ends.every((end) => end.ok));
  assert.equal([client.status[0]!.outstanding, client.status[0]!.queued], [0, 0]);
  client.close();
  assert.equal([network.stillOpen, clock.pending], [0, 0]);
});

test('who waits for an identifier waits on where no other port can be had', async () => {
  const { clock, network, client, access } = setup(1);
  const outcomes = Array.from({ length: 256 }, () => access());
  await clock.advance(0);
  network.lost.add('a');
  outcomes.push(access());
  await clock.advance(0);
  assert.is(client.status[0]!.queued, 1);
  network.handle = accept;
  for (const sent of network.sent.slice(0, 256)) accept(sent);
  await clock.advance(0);
  assert.ok((await Promise.all(outcomes)).every((end) => end.ok));
  client.close();
});

test('who waits for an identifier until the end has its outcome too, and condemns nobody', async () => {
  const { clock, network, client, changes, access } = setup(1, { sourcePorts: 1 });
  network.handle = (s) => textOf(attributesOf(s.bytes), 'User-Name') === 'heard' && accept(s);
  const ignored = Array.from({ length: 256 }, (_, i) => access(`u${i}`));
  await clock.advance(0);
  const late = access('late');
  await clock.advance(30_000);
  assert.ok((await Promise.all(ignored)).every((end) => !end.ok && end.reason === 'timeout'));
  const end = await late;
  assert.ok(!end.ok && end.reason === 'timeout');
  assert.equal(changes, ['30000 a:1812 zombie']);
  client.close();
});

test('what cannot be sent rejects, and holds no identifier', async () => {
  const { clock, client } = setup(1);
  const failed: unknown[] = [];
  const password = 'x'.repeat(129);
  const request = client.request({ code: 1, attributes: [['User-Password', password]] });
  void request.catch((error) => failed.push(error));
  await clock.advance(0);
  assert.ok(failed[0] instanceof RadiusError && failed[0].code === 'too_long');
  assert.not.match(failed[0].message, password);
  assert.is(client.status[0]!.outstanding, 0);
  assert.throws(() => setup(1, { identity: [['NAS-Identifier', '']] }));
  client.close();
});

test('close ends every request, socket and timer', async () => {
  const { clock, network, client, access } = setup(2);
  const outcomes = Array.from({ length: 300 }, () => access());
  await clock.advance(7_000);
  outcomes.push(access());
  client.close();
  for (const end of await Promise.all(outcomes))
    assert.ok(!end.ok && end.reason === 'closed', JSON.stringify(end));
  await clock.advance(0);
  assert.equal([network.stillOpen, clock.pending], [0, 0]);
  const after = await access();
  assert.ok(!after.ok && after.reason === 'closed');
});

test.run();
