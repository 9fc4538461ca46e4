// A customer's browser where turnpike stands at the gate itself: one asks over IPv4, the other over IPv6.
import { suite } from 'uvu';
import { customers } from './page/customer.js';
import { gatewayAddress, serverAddress, serverAddress6 } from './rig/network.js';
import { OwnShop, pagePort } from './rig/own-shop.js';

const test = suite("the page at turnpike's own gate");
customers(test, async () => {
  const shop = await OwnShop.open(2);
  const { daemon, clients, rooms } = shop;
  return {
    ...{ daemon, clients, rooms, rejectsIpv6: false, close: () => shop.close() },
    pages: [gatewayAddress, '[fd77::1]'].map((host) => `http://${host}:${pagePort}`),
    webs: [serverAddress, `[${serverAddress6}]`].map((host) => `http://${host}/`),
  };
});
test.run();
