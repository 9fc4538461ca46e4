// Several servers: who is asked when, and what is said when none answers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packetCode } from '../../src/radius/code.js';
import { textOf } from '../../src/radius/find.js';
import { accept, setup, timesOf } from './client-scene.js';
import { attributesOf, replyTo, secret } from './network.js';

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
  await clock.pass(6_000);
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
    identity: () => [['NAS-Identifier', 'turnpike']],
  });
  network.handle = (s) => s.to === 'b:1812' && accept(s);
  const first = access();
  await clock.pass(6_000);
  assert.ok((await first).ok);
  const second = access();
  await clock.pass(0);
  const end = await second;
  assert.ok(end.ok && end.server === 'b:1812');
  await clock.pass(194_000);
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
  await clock.pass(20_000);
  assert.equal(changes, ['6000 a:1812 zombie', '211000 a:1812 live']);
  const third = access();
  await clock.pass(0);
  const back = await third;
  assert.ok(back.ok && back.server === 'a:1812');
  client.close();
  assert.is(clock.pending, 0);
});

test('a server without Status-Server is found again by a request now and then', async () => {
  const servers = ['a', 'b'].map((host) => ({ host, port: 1812, secret, statusServer: 'off' as const }));
  const { clock, network, client, changes, access } = setup(2, { servers });
  network.handle = (s) => s.to === 'b:1812' && accept(s);
  void access();
  await clock.pass(11_000);
  assert.equal(changes, ['6000 a:1812 zombie']);
  assert.ok(client.status[0]!.isOnTrial);
  const [opened, asked] = [network.opened, network.to('a:1812').length];
  void access();
  await clock.pass(0);
  assert.is(network.opened, opened + 1, 'its name is looked up anew');
  assert.is(network.to('a:1812').length, asked + 1);
  const other = access();
  await clock.pass(0);
  assert.ok((await other).ok, 'one request finds out, and nobody else waits for it');
  assert.is(network.to('a:1812').length, asked + 1);
  await clock.pass(60_000);
  network.handle = accept;
  const [back] = await Promise.all([access(), clock.pass(0)]);
  assert.ok(back.ok && back.server === 'a:1812');
  assert.match(changes[1]!, 'a:1812 live');
  assert.ok(network.sent.every((s) => s.bytes[0] === 1));
  client.close();
});

test('a server that answers logins and no Status-Server is not down for having been silent on one', async () => {
  const servers = [{ host: 'a', port: 1812, secret, statusServer: 'auto' as const }];
  const { clock, network, client, changes, access } = setup(1, { servers });
  network.handle = (s) => s.bytes[0] === 1 && accept(s);
  const status = client.request({ code: packetCode.statusServer, attributes: [] });
  await clock.pass(40_000);
  assert.not.ok((await status).ok);
  assert.equal(changes, [], 'it may know none');
  network.handle = () => {};
  void access();
  await clock.pass(31_000);
  assert.is(client.status[0]!.state, 'zombie');
  network.handle = (s) => s.bytes[0] === 1 && accept(s);
  await clock.pass(3_600_000);
  assert.ok(client.status[0]!.isOnTrial, 'nobody knows before the next login');
  const [back] = await Promise.all([access(), clock.pass(0)]);
  assert.ok(back.ok);
  assert.is(client.status[0]!.state, 'live');
  client.close();
});

test('silence on one request condemns no server that answers others', async () => {
  const { clock, network, client, changes, access } = setup(2);
  network.handle = (s) => textOf(attributesOf(s.bytes), 'User-Name') === 'nemo' && accept(s);
  const stuck = access('ignored');
  await clock.pass(3_000);
  assert.ok((await access()).ok);
  await clock.pass(3_000);
  assert.equal(changes, []);
  assert.is(network.to('b:1812').length, 1);
  await clock.pass(24_000);
  assert.not.ok((await stuck).ok);
  client.close();
});

test('a server that is refused is left at once, and there may be none', async () => {
  const { clock, network, client, access } = setup(2);
  network.handle = (s) => (s.to === 'a:1812' ? s.refuse() : accept(s));
  const first = access();
  await clock.pass(0);
  const end = await first;
  assert.ok(end.ok && end.server === 'b:1812');
  network.handle = (s) => s.refuse();
  const second = access();
  await clock.pass(0);
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
  await clock.pass(6_000);
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
  await clock.pass(3_000);
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
  await clock.pass(5_000);
  assert.equal(changes, ['0 a:1812 zombie', '5000 a:1812 live']);
  client.close();
});

test.run();
