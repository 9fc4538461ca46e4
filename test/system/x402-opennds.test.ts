// A stock client of x402 on real openNDS.
import { suite } from 'uvu';
import { wallets } from './page/wallets.js';
import { KernelShop } from './rig/kernel-shop.js';
import { gatewayAddress } from './rig/network.js';
import { openNds } from './rig/opennds.js';
import { pagePort } from './rig/own-shop.js';

const test = suite('x402 on openNDS');
wallets(
  test,
  async (bank) => {
    const page = { address: gatewayAddress, port: pagePort };
    const sections = async (wan: Parameters<typeof bank>[0]) =>
      `config web 'web'\n\tlist listen '${page.address}:${page.port}'\n${await bank(wan)}`;
    const shop = await KernelShop.open({ clients: 3, portal: openNds(undefined, page), sections });
    const { daemon, rig } = shop;
    // As a phone does that joins: it looks whether there is a portal, and openNDS lists it.
    for (const client of rig.clients) await client.register();
    return { daemon, clients: rig.clients, rooms: rig.rooms, close: () => shop.close() };
  },
  [7, 28],
);
test.run();
