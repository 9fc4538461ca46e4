// A program of its own, started in the web server's room: a chain and a facilitator, which the router reaches there.
// The first line that it prints says what to pay with; for each line that it reads, it prints what everybody has.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { Scene } from '../../contracts/scene.js';
import { Shop } from '../../facilitator/shop.js';

/** Where the router asks for them. */
const ports = { node: 8545, facilitator: 8402 };

/** Chain and facilitator listen on the loopback only. */
async function forward(port: number, url: string): Promise<() => void> {
  const server = createServer((socket) => {
    const there = connect(Number(new URL(url).port), '127.0.0.1');
    pipeline(socket, there, socket, () => {});
  });
  server.listen(port);
  await once(server, 'listening');
  return () => server.close();
}

const scene = await Scene.start();
const shop = await Shop.open(scene);
const closing = [await forward(ports.node, scene.chain.url), await forward(ports.facilitator, shop.url)];
console.log(JSON.stringify({ token: scene.token.address, payTo: scene.seller.address }));
for await (const _ of createInterface(process.stdin)) {
  console.log(JSON.stringify((await scene.balances()).map(String)));
}
for (const close of closing) close();
await shop.close();
await scene.chain.stop();
process.exit();
