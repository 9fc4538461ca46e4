// A subscription that a broker refuses: who may read what is often set after clients have connected.
import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subscribe } from '../../src/mqtt/subscription.js';
import { TestClock } from '../rig/clock.js';

/** A connection to a broker that grants or refuses at once. */
class Client extends EventEmitter {
  connected = true;
  mayRead = false;
  asked = 0;

  subscribe(_filters: string[], _options: object, done: (cause: Error | null) => void): void {
    this.asked += 1;
    done(this.mayRead ? null : new Error('Not authorized'));
  }

  end(): void {
    this.connected = false;
    this.emit('close');
  }
}

function subscribed() {
  const [client, clock, said] = [new Client(), new TestClock(), [] as string[]];
  subscribe(client as unknown as MqttClient, ['a/+/status'], {
    after: clock.after.bind(clock),
    granted: () => void said.push('granted'),
    refused: ({ message }) => void said.push(message),
  });
  return { client, clock, said };
}

test('a subscription that the broker refuses is asked for again, until it is granted', async () => {
  const { client, clock, said } = subscribed();
  await clock.pass(60_000);
  client.mayRead = true;
  await clock.pass(600_000);
  assert.equal(said, ['Not authorized', 'Not authorized', 'granted']);
  assert.is(client.asked, 3);
});

test('on a connection that has ended nothing is asked for', async () => {
  const { client, clock } = subscribed();
  client.end();
  assert.is(clock.pending, 0);
  await clock.pass(600_000);
  assert.is(client.asked, 1);
});

test.run();
