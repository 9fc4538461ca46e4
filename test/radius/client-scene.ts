import { RadiusClient, type RadiusClientOptions } from '../../src/radius/client.js';
import { packetCode } from '../../src/radius/code.js';
import { TestClock } from '../rig/clock.js';
import { replyTo, type Sent, secret, TestNetwork } from './network.js';

/** Hosts `a` and `b` if there are two servers; no jitter. */
export function setup(servers: 1 | 2, options: Partial<RadiusClientOptions> = {}) {
  const clock = new TestClock(0);
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

export const accept = (sent: Sent) => sent.reply(replyTo(sent.bytes, packetCode.accessAccept));
export const timesOf = (list: readonly Sent[]) => list.map((s) => s.at);
