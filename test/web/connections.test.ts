// Who may hold connections to the customers' server, how many, and for how long.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Connections } from '../../src/web/connections.js';
import { TestClock } from '../rig/clock.js';

/** One end of a connection. */
class End extends EventEmitter {
  destroyed = false;
  readonly localPort = 2080;
  constructor(
    readonly remoteAddress: string,
    readonly remotePort: number,
    readonly localAddress = '10.0.0.1',
  ) {
    super();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
  resetAndDestroy(): void {
    this.destroy();
  }
  get socket(): Socket {
    return this as unknown as Socket;
  }
}

/** Connections of one device under as many addresses as it needs: none of them says a word. */
function flood(connections: Connections, count: number, address: (n: number) => string): End[] {
  return Array.from({ length: count }, (_, n) => {
    const end = new End(address(Math.floor(n / 20)), 1_000 + n);
    connections.admit(end.socket);
    return end;
  });
}

test('one device with many addresses holds every connection, and the next customer gets one', () => {
  const connections = new Connections(new TestClock());
  const held = flood(connections, 512, (n) => `10.0.9.${n}`);
  assert.not.ok(held.some(({ destroyed }) => destroyed));
  assert.ok(connections.admit(new End('10.0.0.7', 5_000).socket));
  assert.equal(
    held.map(({ destroyed }, at) => destroyed && at).filter((at) => at !== false),
    [0],
    'the one that was silent for longest has given way',
  );
});

test('somebody whose request is being answered gives way to nobody', () => {
  const connections = new Connections(new TestClock());
  const buyer = new End('fd00::7', 5_000);
  assert.ok(connections.admit(buyer.socket));
  connections.heard(buyer.socket);
  const held = flood(connections, 600, (n) => `fd00::9:${n}`);
  assert.not.ok(buyer.destroyed);
  assert.is(held.filter(({ destroyed }) => !destroyed).length, 255);
});

test('two connections from one port to two addresses of the router both end when their time is over', async () => {
  const clock = new TestClock();
  const connections = new Connections(clock);
  const both = ['10.0.0.1', '10.0.1.1'].map((to) => new End('10.0.0.7', 5_000, to));
  for (const { socket } of both) {
    connections.admit(socket);
    connections.limit(socket, 10_000);
  }
  await clock.pass(10_000);
  assert.equal(
    both.map(({ destroyed }) => destroyed),
    [true, true],
  );
});

test.run();
