import { KernelShop } from '../rig/kernel-shop.js';
import { gatewayAddress, serverAddress } from '../rig/network.js';
import type { OwnPage, PortalKind } from '../rig/portal.js';
import type { PageShop } from './customer.js';

const page: OwnPage = { address: gatewayAddress, port: 2080 };

/** A shop behind a portal's program, which `kind` makes for our page. The browser has IPv4, as portals redirect it alone. */
export async function portalShop(kind: (page: OwnPage) => PortalKind): Promise<PageShop> {
  const sections = `config web 'web'\n\tlist listen '${page.address}:${page.port}'\n`;
  const shop = await KernelShop.open({ clients: 2, portal: kind(page), sections, ipv6: true });
  const { daemon, rig } = shop;
  return {
    rejectsIpv6: rig.kind.rejectsIpv6,
    ...{ daemon, clients: rig.clients, rooms: rig.rooms, close: () => shop.close() },
    pages: Array(2).fill(`http://${page.address}:${page.port}`),
    webs: Array(2).fill(`http://${serverAddress}/`),
  };
}
