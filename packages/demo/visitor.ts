import { createServer } from 'node:net';
import type { UbusClient } from 'openwrt-ubus';
import type { DeviceFinder } from '../../src/wiring/web.js';
import { deviceAt } from '../simulators/device.js';
import type { SimulatedPortal } from '../simulators/portal.js';

/** What whoever looks at the demo can do themselves: on a simulated phone, in their own browser. */
export interface Visitor {
  /** Where the customers' page is. */
  readonly url: string;
  /** Of a voucher to redeem there. */
  readonly code: string;
}

/** Where there is no page. */
export const nobody: Visitor = { url: '', code: '' };

/** The page takes every browser for this phone: nobody else reaches the loopback. */
export function visitorsPhone(clients: number): {
  readonly device: DeviceFinder;
  join(portal: SimulatedPortal): void;
} {
  const { mac, ip } = deviceAt(clients);
  return { device: async () => ({ mac, gateway: 'lan' }), join: (portal) => portal.join(mac, ip) };
}

/** A voucher for them. */
export async function welcome(bus: UbusClient, port: number): Promise<Visitor> {
  const order = { plan: 'large', count: 1, idempotency_key: 'visitor' };
  const made = await bus.call('turnpike', 'voucher_create', order);
  const [code] = (made?.codes ?? []) as readonly string[];
  return { url: `http://127.0.0.1:${port}/`, code: code ?? '' };
}

/** A port of the loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
