// Clients that begin a request and never end it.
import { createConnection } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FacilitatorConfig } from '../../src/facilitator/config.js';
import { Metrics } from '../../src/facilitator/metrics.js';
import { buildServer } from '../../src/facilitator/server.js';
import type { SessionService } from '../../src/facilitator/service.js';
import { inTime } from '../rig/until.js';

const config = {
  ...{ requestTimeoutMs: 200, trustProxy: false, rateLimit: { max: 1000, windowMs: 60_000 } },
} as FacilitatorConfig;

/** What a server that gives 200 ms to a request answers to the beginning of one, until it hangs up. */
async function answerTo(beginning: string): Promise<string> {
  const metrics = new Metrics(new Map(), {} as never);
  const server = await buildServer(config, {} as SessionService, metrics, () => {});
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const socket = createConnection(Number(port), '127.0.0.1', () => socket.write(beginning));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // A reset is an end, too.
  socket.on('error', () => {});
  await inTime('the server to hang up', new Promise((resolve) => socket.once('close', resolve)));
  await server.close();
  return text;
}

test('a body that does not end is not waited for', async () => {
  const head =
    'POST /session/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n';
  assert.match(await answerTo(`${head}\r\n{"x402`), /^HTTP\/1.1 408 /);
});

test('a head that does not end is not waited for', async () => {
  assert.match(await answerTo('POST /session/create HTTP/1.1\r\nHost: x\r\nX-Slow: '), /^HTTP\/1.1 408 /);
});

test.run();
