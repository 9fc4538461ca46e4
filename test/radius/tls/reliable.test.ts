// What is other where packets go over a connection: nothing is sent twice, and a connection may end.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RadiusClient } from '../../../src/radius/client.js';
import { packetCode } from '../../../src/radius/code.js';
import { PortPool } from '../../../src/radius/port-pool.js';
import { Keeper } from '../../../src/radius/tls/keeper.js';
import { TestClock } from '../../rig/clock.js';
import { accept, setup, timesOf } from '../client-scene.js';
import { replyTo, secret, TestNetwork } from '../network.js';

function connected(
  servers: 1 | 2,
  answers: (s: Parameters<TestNetwork['handle']>[0]) => unknown = () => {},
  underWay = 256,
) {
  const scene = setup(servers);
  const network = Object.assign(new TestNetwork(scene.clock), { isReliable: true as const });
  network.handle = (s) => void answers(s);
  const lost: string[] = [];
  const pool = new PortPool(network, underWay, (host) => lost.push(host));
  const client = (hosts = ['a', 'b'].slice(0, servers)) =>
    new RadiusClient({
      servers: hosts.map((host) => ({ host, port: 2083, secret })),
      ...{ transport: network, pool, clock: scene.clock, random: () => 0.5 },
    });
  return { clock: scene.clock, network, pool, lost, client };
}

const login = { code: 1, attributes: [['User-Name', 'nemo']] } as const;

test('nothing is sent twice on a connection, and the next server is asked as soon as over UDP', async () => {
  const { clock, network, client } = connected(2, (s) => s.to === 'b:2083' && accept(s));
  const asking = client();
  const outcome = asking.request(login);
  await clock.pass(6_000);
  const end = await outcome;
  assert.ok(end.ok && end.server === 'b:2083');
  assert.equal(timesOf(network.to('a:2083')), [0]);
  assert.equal(timesOf(network.to('b:2083')), [6_000]);
  asking.close();
});

test('what is under way on a connection that ends is asked of the next server at once', async () => {
  const { clock, network, client, lost } = connected(2, (s) => (s.to === 'a:2083' ? s.end() : accept(s)));
  const asking = client();
  const outcomes = [asking.request(login), asking.request(login)];
  await clock.pass(0);
  for (const end of await Promise.all(outcomes)) assert.ok(end.ok && end.server === 'b:2083');
  assert.equal(lost, ['a'], 'one connection');
  assert.is(network.stillOpen, 1);
  asking.close();
});

test('logins and accounting share a connection and its identifiers, and one that ends cuts off no other', async () => {
  const { clock, network, pool, client } = connected(1);
  const [logins, accounting] = [client(), client()];
  const asked = logins.request(login);
  const told = accounting.request({ code: 4, attributes: [['Acct-Status-Type', 1]] });
  await clock.pass(0);
  assert.is(network.opened, 1);
  assert.is(new Set(network.sent.map((s) => s.bytes[1])).size, 2);
  logins.close();
  assert.not.ok((await asked).ok);
  assert.is(network.stillOpen, 1);
  const report = network.sent.find((s) => s.bytes[0] === packetCode.accountingRequest)!;
  report.reply(replyTo(report.bytes, packetCode.accountingResponse));
  await clock.pass(0);
  assert.ok((await told).ok);
  accounting.close();
  pool.close();
  assert.is(network.stillOpen, 0);
});

test('256 are under way on a connection, and the others wait for theirs', async () => {
  const { clock, network, client } = connected(1);
  const [logins, accounting] = [client(), client()];
  const outcomes = Array.from({ length: 300 }, (_, i) => (i % 2 ? logins : accounting).request(login));
  await clock.pass(0);
  assert.equal([network.opened, network.sent.length], [1, 256]);
  network.handle = accept;
  for (const sent of network.sent.slice(0, 256)) accept(sent);
  await clock.pass(0);
  assert.ok((await Promise.all(outcomes)).every((end) => end.ok));
  logins.close();
  accounting.close();
});

test('a server that reads one packet at a time gets the next one after its answer', async () => {
  const { clock, network, client } = connected(1, () => {}, 1);
  const [logins, accounting] = [client(), client()];
  const outcomes = [logins.request(login), accounting.request(login), logins.request(login)];
  for (let n = 1; n <= 3; n++) {
    await clock.pass(0);
    assert.is(network.sent.length, n);
    accept(network.sent[n - 1]!);
  }
  await clock.pass(0);
  assert.ok((await Promise.all(outcomes)).every((end) => end.ok));
  assert.is(network.opened, 1);
  logins.close();
  accounting.close();
});

test('a connection whose other end is gone without a word is not asked again', async () => {
  const { clock, network, client } = connected(1);
  const asking = client();
  const outcome = asking.request(login);
  await clock.pass(30_000);
  assert.not.ok((await outcome).ok);
  network.handle = accept;
  const again = asking.request(login);
  await clock.pass(0);
  assert.ok((await again).ok);
  assert.is(network.sent.at(-1)!.from, 1);
  asking.close();
});

function keeper(policy: 'require' | 'auto' | 'off') {
  const clock = new TestClock(0);
  const asked: number[] = [];
  const scene = { ok: true, reason: 'timeout', warmed: 0 };
  const made: Keeper = new Keeper({
    ...{ clock, policy, random: () => 0.5 },
    nas: { identifier: 'nas', address: undefined, locate: async () => {} },
    ports: {
      warm: () => {
        scene.warmed += 1;
      },
    },
    client: {
      close: () => {},
      async request({ code }) {
        assert.is(code, packetCode.statusServer);
        asked.push(clock.mono());
        if (scene.ok) return { ok: true, code: 2, attributes: [], server: 'a' };
        return { ok: false, reason: scene.reason as 'timeout', detail: 'nothing' };
      },
    },
  });
  return { clock, asked, scene, made };
}

test('a connection is made at the start, looked at each 20 s, and made again a second after it was lost', async () => {
  const { clock, asked, made, scene } = keeper('auto');
  made.start();
  await clock.pass(60_000);
  assert.equal(asked, [0, 20_000, 40_000, 60_000]);
  scene.ok = false;
  scene.reason = 'unreachable';
  made.lost();
  await clock.pass(52_000);
  assert.equal(asked.slice(4), [61_000, 63_000, 67_000, 75_000, 91_000, 111_000], 'ever less often');
  scene.ok = true;
  await clock.pass(40_000);
  assert.equal(asked.slice(10), [131_000, 151_000]);
  made.stop();
  assert.is(clock.pending, 0);
});

test('a server that knows no Status-Server keeps its connection', async () => {
  const { clock, asked, made, scene } = keeper('auto');
  scene.ok = false;
  made.start();
  await clock.pass(60_000);
  assert.equal(asked, [0, 20_000, 40_000, 60_000]);
  made.stop();
  const off = keeper('off');
  off.made.start();
  await off.clock.pass(20_000);
  assert.equal([off.asked, off.scene.warmed], [[], 2]);
  off.made.stop();
});

test.run();
