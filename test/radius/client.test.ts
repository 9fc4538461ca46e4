// The client on a network and a clock of the test's own: when it sends, to whom, and what it believes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packetCode } from '../../src/radius/code.js';
import { RadiusError } from '../../src/radius/error.js';
import { textOf } from '../../src/radius/find.js';
import { setup, timesOf } from './client-scene.js';
import { replyTo, type Sent } from './network.js';

test('an unanswered request is sent again after 2, 4 and 8 s, with the same bytes, and given up after 30 s', async () => {
  const { clock, network, access, client } = setup(1);
  const outcome = access();
  await clock.pass(29_999);
  assert.equal(timesOf(network.sent), [0, 2_000, 6_000, 14_000]);
  assert.is(new Set(network.sent.map((s) => `${s.from} ${s.bytes.toString('hex')}`)).size, 1);
  await clock.pass(1);
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
    await clock.pass(120_000);
    const times = timesOf(network.sent.filter((s) => s.bytes[0] === 1));
    assert.is(times.length, 5);
    const waits = times.slice(1).map((t, i) => t - times[i]!);
    assert.is(Math.round(waits[0]!), 2_000 * factor);
    for (const [i, wait] of waits.entries()) assert.ok(wait <= 16_000 * factor + 1e-6, `${i}: ${wait}`);
    assert.not.ok((await outcome).ok);
    client.close();
  }
});

test('what is not the reply is dropped and counted, and the request waits on for it', async () => {
  const { clock, network, client, access } = setup(1);
  const outcome = access();
  await clock.pass(0);
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
  await clock.pass(1_000);
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
  await clock.pass(0);
  assert.is(client.status[0]!.counters.dropped.unexpected, 4, 'a second reply finds nobody');
  client.close();
});

test('what cannot be sent rejects, and holds no identifier', async () => {
  const { clock, client } = setup(1);
  const failed: unknown[] = [];
  const password = 'x'.repeat(129);
  const request = client.request({ code: 1, attributes: [['User-Password', password]] });
  void request.catch((error) => failed.push(error));
  await clock.pass(0);
  assert.ok(failed[0] instanceof RadiusError && failed[0].code === 'too_long');
  assert.not.match(failed[0].message, password);
  assert.is(client.status[0]!.outstanding, 0);
  assert.throws(() => setup(1, { identity: () => [['NAS-Identifier', '']] }));
  client.close();
});

test('close ends every request, socket and timer', async () => {
  const { clock, network, client, access } = setup(2);
  const outcomes = Array.from({ length: 300 }, () => access());
  await clock.pass(7_000);
  outcomes.push(access());
  client.close();
  for (const end of await Promise.all(outcomes))
    assert.ok(!end.ok && end.reason === 'closed', JSON.stringify(end));
  await clock.pass(0);
  assert.equal([network.stillOpen, clock.pending], [0, 0]);
  const after = await access();
  assert.ok(!after.ok && after.reason === 'closed');
});

test.run();
