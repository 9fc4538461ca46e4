// A program of its own, started in the web server's room: `GET /?bytes=N&rate=R` sends N octets, at R a second if
// given; a PUT takes what comes and answers how much it was.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

const tickMs = 10;
const block = Buffer.alloc(65_536, 0x61);

/** Yields `total` octets, never more than `rate` (octets a second) allows so far, plus one tick. */
async function* octets(total: number, rate: number): AsyncGenerator<Buffer> {
  const began = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.ceil(((performance.now() - began + tickMs) * rate) / 1000);
    const size = Math.min(block.length, total - sent, due - sent);
    if (size > 0) yield block.subarray(0, size);
    else await pause(tickMs);
    sent += Math.max(size, 0);
  }
}

async function send(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://server');
  const total = Number(searchParams.get('bytes') ?? 0);
  const rate = Number(searchParams.get('rate') ?? Number.POSITIVE_INFINITY);
  response.setHeader('Content-Length', total);
  await pipeline(Readable.from(octets(total, rate)), response);
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let taken = 0;
  for await (const piece of request) taken += (piece as Buffer).length;
  response.end(String(taken));
}

const server = createServer((request, response) => {
  const work = request.method === 'PUT' ? take : send;
  // A client that went away, or was cut off, is what the tests are about.
  work(request, response).catch(() => response.destroy());
});
server.listen(80, () => console.log('listening'));
