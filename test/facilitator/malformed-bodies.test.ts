// Bodies that are no orders: each is the client's fault, is told so, and is forgotten.
import { createConnection } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../packages/simulators/anvil.js';
import { randomWord } from '../../packages/simulators/wallet.js';
import { Scene } from '../contracts/scene.js';
import { heapUsed } from '../rig/heap.js';
import { onChain } from '../rig/on-chain.js';
import { seeded } from '../rig/random.js';
import { malformed } from './bodies.js';
import { Shop } from './shop.js';

/** All that the generator can make comes up in a tenth of them. BODIES and SEED draw more, and others. */
const count = Number(process.env.BODIES ?? 20_000);
const seed = Number(process.env.SEED ?? 20_261_121);
/** Bodies after which everything is compiled and every buffer is as large as it gets. */
const warm = count / 5;

let scene: Scene;
let shop: Shop;

test.before(async () => {
  if (!anvilFile) return;
  scene = await Scene.start();
  shop = await Shop.open(scene);
});
test.after(async () => {
  await shop?.close();
  await scene?.chain.stop();
});

/** One of each, well-formed and worth nothing. */
async function goods(): Promise<[string, object][]> {
  const create = await shop.request();
  const id = randomWord();
  const { authorization } = create.paymentPayload;
  const stolen = { ...create.paymentPayload, authorization: { ...authorization, from: scene.stranger } };
  return [
    ['/session/create', { ...create, paymentPayload: stolen }],
    ['/session/consume', await scene.consumeRequest(id, 5n, 0n)],
    ['/session/close', await scene.seller.closeRequest(id, 5n)],
  ];
}

onChain(`${count} malformed bodies: only 4xx, and memory is steady`, async () => {
  console.log(`  SEED=${seed}`);
  const random = seeded(seed);
  const examples = await goods();
  const replies: Record<string, number> = {};
  let [before, worst] = [0, ''];
  for (let i = 0; i < count; i += 1) {
    const { url, payload, type } = malformed(examples, random);
    const headers = { 'content-type': type };
    const reply = await shop.inject({ method: 'POST', url, payload, headers });
    const { code, success } = reply.json() as { code: string; success: boolean };
    const told = `${reply.statusCode} ${code}`;
    replies[told] = (replies[told] ?? 0) + 1;
    if (reply.statusCode < 400 || reply.statusCode > 499 || success)
      worst = `${told}: ${payload.slice(0, 500)}`;
    if (i === warm) before = heapUsed();
  }
  const grown = heapUsed() - before;
  console.log(`  ${JSON.stringify(replies)}, heap grown by ${grown.toFixed(1)} MiB`);
  assert.is(worst, '');
  assert.ok(grown < 4, `${grown} MiB`);
  assert.is(Object.keys(Object.prototype).length, 0);
  assert.is(await shop.sent(), 0, 'nothing was sent to the chain');
});

/** Sends bytes as they are. @returns the status line of the reply, or `closed` */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(shop.url);
  return new Promise((resolve) => {
    let said = '';
    const socket = createConnection(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => {
      said += chunk;
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(said.split('\r\n')[0] || 'closed'));
  });
}

onChain('over real sockets: what is no HTTP, and bodies that are too large', async () => {
  const head = 'POST /session/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  assert.match(await raw(`${head}Content-Length: 5\r\n\r\n{"a":`), / 400 /);
  assert.match(await raw(`${head}Content-Length: 99999999\r\n\r\n`), / 413 /);
  assert.match(await raw(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), / 400 /);
  assert.match(await raw('BREW /session/create HTTP/1.1\r\n\r\n'), / 400 /);
  assert.match(await raw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`), / 4(14|31) /);
  const big = await shop.post('/session/create', { filler: 'x'.repeat(20_000) });
  assert.equal([big.status, big.code], [413, 'body_too_large']);
  assert.equal((await shop.get('/nowhere')).code, 'not_found');
  assert.is((await shop.get('/session/eip155:31337/0x12')).code, 'bad_request');
});

test.run();
