// Fetches pages as many devices in one machine do: a line of JSON with fetches, a line with how each ended.
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Fetch } from './crowd.js';

/** So many at once. */
const most = 20;
/** A page that does not come is none, after this long in ms. */
const limitMs = 20_000;

function fetchPage({ from, host, bytes }: Fetch): Promise<number> {
  const options = { host, localAddress: from, path: `/?bytes=${bytes}`, agent: false, timeout: limitMs };
  return new Promise((resolve) => {
    const asked = request(options, (reply) => {
      reply.resume();
      // When the connection is closed its last packet has gone.
      reply.once('end', () => asked.socket?.once('close', () => resolve(reply.statusCode ?? 0)));
    });
    asked.once('timeout', () => asked.destroy(new Error('late')));
    asked.once('error', () => resolve(0));
    asked.end();
  });
}

for await (const line of createInterface(process.stdin)) {
  const left = [...(JSON.parse(line) as Fetch[]).entries()];
  const ends: number[] = [];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) ends[next[0]] = await fetchPage(next[1]);
  };
  await Promise.all(Array.from({ length: most }, worker));
  process.stdout.write(`${JSON.stringify(ends)}\n`);
}
