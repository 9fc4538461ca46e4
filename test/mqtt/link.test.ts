// The connection to a broker, on one in this process that knows MQTT 3.1.1 only.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AedesOptions } from 'aedes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Link, type LinkParts, type Session } from '../../src/mqtt/link.js';
import { refusalOf } from '../../src/mqtt/refusal.js';
import { isReset } from '../../src/mqtt/versions.js';
import { inTime } from '../rig/until.js';
import { EmbeddedBroker } from './broker.js';
import { WordlessBroker } from './wordless-broker.js';

/** A link whose waits are over at once, and noted. */
class Linked {
  readonly waits: number[] = [];
  readonly sessions: Session[] = [];
  readonly messages: string[] = [];
  downs = 0;
  readonly link: Link;
  #listeners: (() => void)[] = [];
  /** Waits that are not over yet. */
  readonly held: (() => void)[] = [];
  hold = false;
  /** The connection has held for long. */
  steady = () => {};

  constructor(url: string, parts: Partial<LinkParts> = {}) {
    const changed = () => {
      for (const listener of this.#listeners.splice(0)) listener();
    };
    this.link = new Link({
      url,
      options: () => ({ clientId: 'turnpike-r1', clean: false }),
      subscriptions: [],
      random: () => 1,
      timer: {
        after: (ms, task) => {
          if (this.link.session) {
            this.steady = task;
            return () => {
              this.steady = () => {};
            };
          }
          this.waits.push(ms);
          if (this.hold) this.held.push(task);
          const timer = this.hold ? undefined : setTimeout(task, 0);
          changed();
          return () => clearTimeout(timer);
        },
      },
      events: {
        up: (session) => {
          this.sessions.push(session);
          changed();
        },
        down: () => {
          this.downs += 1;
          changed();
        },
        message: (_topic, payload) => {
          this.messages.push(payload.toString());
          changed();
        },
      },
      ...parts,
    });
  }

  /** Resolves when something has happened that makes `is` true. */
  async come(is: () => boolean): Promise<void> {
    const next = async () => {
      while (!is()) await new Promise<void>((resolve) => this.#listeners.push(resolve));
    };
    await inTime(`${is}`, next(), () => [this.sessions, this.waits, this.messages, this.link.status]);
  }
}

async function withBroker(
  options: ConstructorParameters<typeof EmbeddedBroker>[0],
  work: (broker: EmbeddedBroker) => Promise<void>,
): Promise<void> {
  const broker = new EmbeddedBroker(options);
  await broker.start();
  try {
    await work(broker);
  } finally {
    await broker.stop();
  }
}

test('a broker that knows no MQTT 5 is asked again in 3.1.1 at once, and never in 5 again', async () => {
  await withBroker({}, async (broker) => {
    const world = new Linked(broker.url);
    world.link.start();
    await world.come(() => world.sessions.length === 1);
    assert.equal(world.sessions, [{ protocol: 4, receiveMaximum: 65_535 }]);
    assert.equal(world.waits, []);
    assert.equal(world.link.status, { state: 'up', error: '' });
    await world.link.publish({ topic: 't', payload: Buffer.from('x') });
    assert.is(broker.published.length, 1);
    broker.cut();
    await world.come(() => world.sessions.length === 2);
    assert.equal([world.downs, world.waits.length], [1, 1]);
    await world.link.stop();
  });
});

/** A link to a broker that says nothing to versions that it does not know; both end with the test, however it ends. */
async function withWordless(
  known: readonly number[],
  parts: Partial<LinkParts>,
  work: (world: Linked, heard: readonly number[]) => Promise<void>,
  ends: 'closes' | 'resets' = 'closes',
): Promise<void> {
  const broker = await WordlessBroker.start(known, ends);
  const world = new Linked(broker.url, parts);
  try {
    world.link.start();
    await work(world, broker.heard);
  } finally {
    await world.link.stop();
    broker.stop();
  }
}

test('a broker that ends a connection in MQTT 5 without an answer is asked in 3.1.1 at once', async () => {
  await withWordless([4], {}, async (world, heard) => {
    await world.come(() => world.sessions.length === 1);
    assert.is(world.sessions[0]!.protocol, 4);
    assert.equal(world.waits, []);
    assert.equal(heard, [5, 4]);
  });
});

test('a broker that resets a connection in MQTT 5 without an answer is asked in 3.1.1 at once', async () => {
  await withWordless(
    [4],
    {},
    async (world, heard) => {
      await world.come(() => world.sessions.length === 1);
      assert.is(world.sessions[0]!.protocol, 4);
      assert.equal(world.waits, []);
      assert.equal(heard, [5, 4]);
    },
    'resets',
  );
});

test('a broker that says nothing in 3.1.1 either is asked in 5 again after a wait, and the owner reads it', async () => {
  await withWordless([], {}, async (world, heard) => {
    world.hold = true;
    await world.come(() => world.waits.length === 1);
    assert.equal(heard, [5, 4]);
    assert.match(world.link.status.error, 'without an answer');
    world.held[0]!();
    await world.come(() => world.waits.length === 2);
    assert.equal(heard, [5, 4, 5, 4]);
  });
});

test('a version that the owner names is the only one that is tried', async () => {
  for (const protocol of [5, 4] as const) {
    await withWordless([], { protocol }, async (world, heard) => {
      await world.come(() => world.waits.length >= 2);
      assert.equal(heard.slice(0, 2), [protocol, protocol]);
    });
  }
});

test('waits double up to a minute, and begin anew after a connection that held, not one that did not', async () => {
  const broker = new EmbeddedBroker();
  await broker.start();
  await broker.stop();
  const world = new Linked(broker.url);
  world.link.start();
  await world.come(() => world.waits.length === 9);
  assert.equal(world.waits.slice(0, 9), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.match(world.link.status.error, 'ECONNREFUSED');
  assert.is(world.link.status.state, 'down');
  await broker.start();
  await world.come(() => world.sessions.length === 1);
  assert.is(world.link.status.error, '');
  broker.cut();
  const before = world.waits.length;
  await world.come(() => world.sessions.length === 2);
  assert.is(world.waits[before], 60_000, 'a broker that throws everybody out is not stormed');
  world.steady();
  broker.cut();
  await world.come(() => world.sessions.length === 3);
  assert.is(world.waits[before + 1], 1000);
  await world.link.stop();
  await broker.stop();
});

test('refused credentials are said so, and not tried again for minutes', async () => {
  let tries = 0;
  const authenticate: ConstructorParameters<typeof EmbeddedBroker>[0] = {
    authenticate: (_client, _user, _password, done) => {
      tries += 1;
      done(Object.assign(new Error('no'), { returnCode: 4 }), null);
    },
  };
  await withBroker(authenticate, async (broker) => {
    const world = new Linked(broker.url);
    world.hold = true;
    world.link.start();
    await world.come(() => world.waits.length === 1);
    assert.equal(world.waits, [300_000]);
    assert.equal([tries, world.link.refusal], [1, 'credentials']);
    assert.equal(world.link.status, {
      state: 'down',
      error: 'the broker refuses user, password or certificate',
    });
    await world.link.attempt();
    assert.is(tries, 2, 'unless somebody asks');
    await world.link.stop();
  });
});

test('a message that is not acknowledged when the connection ends is not taken for sent', async () => {
  const sockets: Socket[] = [];
  // CONNACK of 3.1.1, and nothing after it.
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', (data) => {
      const isFive = data.includes(Buffer.from([...Buffer.from('MQTT'), 5]));
      socket.write(Buffer.from([0x20, 2, 0, isFive ? 1 : 0]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const world = new Linked(`mqtt://127.0.0.1:${(server.address() as { port: number }).port}`);
  world.link.start();
  await world.come(() => world.sessions.length === 1);
  const sent = world.link.publish({ topic: 't', payload: Buffer.from('x') }).then(
    () => 'arrived',
    ({ message }: Error) => message,
  );
  sockets.at(-1)!.destroy();
  assert.is(await sent, 'the connection ended');
  const late = world.link
    .publish({ topic: 't', payload: Buffer.from('x') })
    .catch(({ message }: Error) => message);
  assert.is(await late, 'there is no connection');
  await world.link.stop();
  server.close();
  for (const socket of sockets) socket.destroy();
});

test('orders arrive on each connection, and the session of the broker keeps those in between', async () => {
  await withBroker({}, async (broker) => {
    const world = new Linked(broker.url, { subscriptions: ['turnpike/r1/command'] });
    world.link.start();
    await world.come(() => world.sessions.length === 1);
    const other = new Linked(broker.url, { options: () => ({ clientId: 'other', clean: true }) });
    other.link.start();
    await other.come(() => other.sessions.length === 1);
    const say = (text: string) =>
      other.link.publish({ topic: 'turnpike/r1/command', payload: Buffer.from(text) });
    // The subscription is a message before it on the other connection.
    while (world.messages.length === 0) {
      await say('one');
      await new Promise(setImmediate);
    }
    const before = world.messages.length;
    world.hold = true;
    await world.link.stop();
    await say('two');
    const again = new Linked(broker.url, { subscriptions: ['turnpike/r1/command'] });
    again.link.start();
    await again.come(() => again.messages.includes('two'));
    assert.not(world.messages.slice(before).includes('two'));
    await Promise.all([again.link.stop(), other.link.stop()]);
  });
});

test('orders on the topic of an earlier configuration are not carried out, nor asked for any longer', async () => {
  const forwarded: string[] = [];
  const authorizeForward: AedesOptions['authorizeForward'] = (_client, packet) => {
    forwarded.push(`${packet.topic} ${packet.payload}`);
    return packet;
  };
  await withBroker({ authorizeForward }, async (broker) => {
    const [before, after] = ['old/r1/command', 'new/r1/command'];
    const first = new Linked(broker.url, { subscriptions: [before] });
    const other = new Linked(broker.url, { options: () => ({ clientId: 'other', clean: true }) });
    for (const { link } of [first, other]) link.start();
    await Promise.all([first, other].map((w) => w.come(() => w.sessions.length === 1)));
    const say = (topic: string, text: string) => other.link.publish({ topic, payload: Buffer.from(text) });
    while (first.messages.length === 0) {
      await say(before, 'hello');
      await new Promise(setImmediate);
    }
    await first.link.stop();
    const second = new Linked(broker.url, { subscriptions: [after] });
    second.link.start();
    await second.come(() => second.sessions.length === 1);
    for (let n = 0; !second.messages.includes('new'); n++) {
      await say(before, `stray ${n}`);
      await say(after, 'new');
      await new Promise(setImmediate);
    }
    assert.ok(second.messages.every((text) => text === 'new'));
    for (let tries = 0; tries < 1_000; tries++) {
      const [count, text] = [forwarded.length, `last ${tries}`];
      await say(before, text);
      if (!forwarded.slice(count).some((one) => one.endsWith(text))) break;
      assert.ok(tries < 999, 'the broker still has the old subscription');
      await new Promise(setImmediate);
    }
    await Promise.all([second.link.stop(), other.link.stop()]);
  });
});

test('a certificate that cannot be read is said, and tried again', async () => {
  const world = new Linked('mqtts://127.0.0.1:1', {
    options: () => {
      throw new Error('ENOENT: /etc/x.pem');
    },
  });
  world.hold = true;
  world.link.start();
  assert.equal(world.link.status, { state: 'down', error: 'ENOENT: /etc/x.pem' });
  assert.is(world.waits.length, 1);
  await world.link.stop();
});

test('a reset says nothing but that the broker has closed; a handshake of TLS that ends says more', () => {
  const cases: [object, boolean][] = [
    [{ code: 'ECONNRESET', syscall: 'read' }, true],
    [{ code: 'EPIPE', syscall: 'write' }, true],
    [{ code: 'ECONNRESET' }, false],
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, false],
    [{ code: 5 }, false],
  ];
  for (const [cause, expected] of cases) assert.is(isReset(cause), expected, JSON.stringify(cause));
});

test('why a broker turned us away, by its codes', () => {
  const cases: [unknown, 5 | 4, ReturnType<typeof refusalOf>][] = [
    [132, 5, 'version'],
    [1, 5, 'version'],
    [134, 5, 'credentials'],
    [135, 5, 'credentials'],
    [5, 5, 'credentials'],
    [136, 5, undefined],
    [4, 4, 'credentials'],
    [3, 4, undefined],
    ['ECONNREFUSED', 5, undefined],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 5, 'credentials'],
    [undefined, 5, undefined],
  ];
  for (const [code, protocol, expected] of cases)
    assert.is(refusalOf({ code }, protocol), expected, `${code}`);
});

test.run();
