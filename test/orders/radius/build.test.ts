// Orders of servers on the loopback, from the moment at which the router has neither its port nor its DNS.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildOrders } from '../../../src/orders/radius/build.js';
import { Clients } from '../../../src/orders/radius/clients.js';
import type { OrderParts } from '../../../src/ports/order-source.js';
import type { RadiusLink } from '../../../src/radius/link.js';
import { LocatedNas } from '../../../src/radius/located.js';
import type { RadiusConfig } from '../../../src/radius/section.js';
import { listen, UdpTransport } from '../../../src/radius/udp.js';
import { settled, TestClock } from '../../rig/clock.js';

const link = () => ({ nas: new LocatedNas('nas', undefined, []), transport: new UdpTransport() });

async function parts(port: number, clock = new TestClock()) {
  const config = { secret: 'x', orders: { port, address: '127.0.0.1', clients: ['127.0.0.1'] } };
  const log: string[] = [];
  const given = {
    ...{ clock, link: link(), orderly: {}, running: () => [] },
    log: (_level: string, text: string) => log.push(text),
  };
  return {
    config: config as unknown as RadiusConfig,
    given: given as unknown as OrderParts<RadiusLink>,
    log,
  };
}

test('a port that is taken at first is listened on when it is free, and status says so meanwhile', async () => {
  const taken = await listen({ address: '127.0.0.1', port: 0 }, () => {});
  const clock = new TestClock();
  const { config, given, log } = await parts(taken.port, clock);
  const source = (await buildOrders(config, given))!;
  assert.is(source.standing.state, 'down');
  assert.match(source.standing.error, 'EADDRINUSE');
  await clock.pass(31_000);
  assert.is(source.standing.state, 'down');
  assert.is(log.length, 1, 'said once');
  await taken.close();
  await clock.pass(15_000);
  while (source.standing.state !== 'up') await settled();
  await source.stop();
  assert.is(clock.pending, 0);
  const free = createSocket('udp4').bind(taken.port, '127.0.0.1');
  await once(free, 'listening');
  free.close();
});

test('whose name has no address at boot may order as soon as it has one', async () => {
  const clock = new TestClock();
  const dns = new Map<string, readonly string[]>();
  const known: (readonly string[])[] = [];
  const missing: string[] = [];
  const clients = new Clients({
    ...{ names: ['radius.example.net'], clock },
    known: (addresses) => known.push(addresses),
    missing: (name) => missing.push(name),
    async find(name) {
      const found = dns.get(name);
      if (!found) throw new Error(`ENOTFOUND ${name}`);
      return found;
    },
  });
  clients.start();
  await clock.pass(20_000);
  assert.equal([known.at(-1), missing], [[], ['radius.example.net']]);
  dns.set('radius.example.net', ['192.0.2.7']);
  await clock.pass(15_000);
  assert.equal(known.at(-1), ['192.0.2.7']);
  dns.set('radius.example.net', ['192.0.2.8']);
  await clock.pass(15_000);
  clients.stranger();
  await settled();
  assert.equal(known.at(-1), ['192.0.2.8'], 'a server that has moved is looked for when it asks');
  dns.clear();
  await clock.pass(600_000);
  assert.equal(known.at(-1), ['192.0.2.8'], 'and stays known while the DNS is away');
  clients.stop();
  assert.is(clock.pending, 0);
});

test('a router that finds its way to the servers late is not taken for another one', async () => {
  let address: string | undefined;
  const servers = [{ host: 'radius.example.net', port: 1812 }];
  const late = new LocatedNas('nas', undefined, servers, async () => address);
  await late.locate();
  assert.is(late.address, undefined);
  address = '192.0.2.1';
  await late.locate();
  assert.is(late.address, '192.0.2.1');
  address = '192.0.2.2';
  await late.locate();
  assert.is(late.address, '192.0.2.1', 'sessions go by it');
});

test.run();
