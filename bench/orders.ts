import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { SimulatedPortal } from '../packages/simulators/portal.js';
import { systemClock } from '../src/clock.js';

import { opennds } from '../src/portals/opennds/dialect.js';
import { RadiusClient } from '../src/radius/client.js';
import { packetCode } from '../src/radius/code.js';
import { UdpTransport } from '../src/radius/udp.js';
import { secret } from '../test/radius/network.js';
import { LoopbackServer } from '../test/radius/server.js';
import { type DaemonProcess, shop, startProcess } from '../test/rig/daemon.js';
import { freeUdpPort } from '../test/rig/free-port.js';
import type { Options } from './options.js';

export interface OrdersResult {
  readonly sessions: number;
  /** From a Disconnect-Request to its ACK, which is sent when the gate has been read back shut, in ms. */
  readonly p50: number;
  readonly p99: number;
}

/** How soon a server's order shuts a gate: the daemon from the bundle, on the simulated portal. */
export async function measureOrders({ quick }: Options): Promise<OrdersResult> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const portal = new SimulatedPortal(opennds, join(dir, 'ndsctl.sock'));
  const server = await LoopbackServer.start();
  await portal.start();
  const port = await freeUdpPort();
  const daemon = await startProcess(shop(join(dir, 'ndsctl.sock')) + sectionOf(server.port, port), {
    secrets: `config secret 'radius'\n\toption secret '${secret}'\n`,
  });
  const servers = [{ host: '127.0.0.1', port, secret, statusServer: 'off' as const }];
  const client = new RadiusClient({ servers, transport: new UdpTransport(), clock: systemClock });
  try {
    const sessions = quick ? 30 : 300;
    const took: number[] = [];
    for (let n = 0; n < sessions; n++) took.push(await logOut(n, { portal, daemon, client }));
    took.sort((a, b) => a - b);
    return { sessions, p50: took[Math.floor(sessions * 0.5)]!, p99: took[Math.floor(sessions * 0.99)]! };
  } finally {
    client.close();
    await daemon.close();
    await server.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

function sectionOf(server: number, orders: number): string {
  return `config radius 'radius'
	option enabled '1'
	option server '127.0.0.1:${server}'
	option acct_server '127.0.0.1:${server}'
	option coa '1'
	option coa_address '127.0.0.1'
	option coa_port '${orders}'
`;
}

/** A user logs in, and their server logs them out. @returns milliseconds from the order to its ACK. */
async function logOut(
  n: number,
  parts: { portal: SimulatedPortal; daemon: DaemonProcess; client: RadiusClient },
): Promise<number> {
  const { portal, daemon, client } = parts;
  const { mac, ip } = deviceAt(n);
  const user = `user${n}`;
  portal.join(mac, ip);
  const payment = { method: 'radius', user, password: 'x' };
  const session = await daemon.call('purchase', { mac, gateway: 'lan', payment, idempotency_key: user });
  if (session.state !== 'active') throw new Error(`no session: ${JSON.stringify(session)}`);
  const attributes = [
    ['User-Name', user],
    ['Event-Timestamp', Math.floor(Date.now() / 1000)],
  ] as const;
  const began = performance.now();
  const outcome = await client.request({ code: packetCode.disconnectRequest, attributes });
  const took = performance.now() - began;
  if (!outcome.ok || outcome.code !== packetCode.disconnectAck || portal.isOpen(mac)) {
    throw new Error(`the gate is not shut: ${JSON.stringify(outcome)}`);
  }
  return took;
}
