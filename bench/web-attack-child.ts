// Helper: somebody on the WiFi who sends rubbish to the page, and holds its connections (`PORT`).
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { seeded, whole } from '../test/rig/random.js';
import { serve } from './child.js';

interface Asked {
  readonly malformed: number;
  readonly slow: number;
}

const port = Number(process.argv[2]);
// Attackers have machines of their own.
setPriority(19);
/** Addresses that attack, and how much each does at once: together more than the page takes. */
const attackers = 40;
const most = { malformed: 8, slow: 12 };
/** A slow request sends a byte so often, in ms. */
const dripMs = 500;

const own = `Host: 127.0.0.1:${port}\r\n`;
const heads = [
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  `GET http://[::1 HTTP/1.1\r\n${own}\r\n`,
  `GET /%ff%fe/../plan/%zz HTTP/1.1\r\n${own}\r\n`,
  `GET /plan/__proto__ HTTP/1.1\r\n${own}\r\n`,
  `GET /?lang=constructor&to=http://%00&fas=%ff HTTP/1.1\r\n${own}Accept-Language: ;;;q=,*\r\n\r\n`,
  `POST /buy HTTP/1.1\r\n${own}Content-Length: -1\r\n\r\n`,
  `POST /buy HTTP/1.1\r\n${own}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `POST /buy HTTP/1.1\r\n${own}Content-Length: 9999999\r\n\r\n`,
  `POST /buy HTTP/1.1\r\n${own}Content-Length: 60\r\n\r\nplan=data&steps=1e99&method=token&key=%00&__proto__=1&code=x`,
  `POST /voucher HTTP/1.1\r\n${own}Content-Length: 9\r\n\r\ncode=%ff%`,
  `GET /${'a'.repeat(9_000)} HTTP/1.1\r\n${own}\r\n`,
  'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
  '\r\n\r\n\r\n',
].map((head) => Buffer.from(head, 'latin1'));
const random = seeded(7);

function rubbish(): Buffer {
  const at = whole(random, 0, heads.length * 2);
  const head = heads[at];
  if (head) return head;
  return Buffer.from(Array.from({ length: whole(random, 1, 200) }, () => whole(random, 0, 255)));
}

/** A connection of an attacker's; `begun` when it is there. Resolves when it has ended. */
function attack(attacker: number, begun: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.1.${attacker + 1}` });
    socket
      .on('error', () => {})
      .on('close', () => resolve())
      .resume();
    socket.on('connect', () => begun(socket));
  });
}

/** Begins as many as are asked for, so many at once from each address. */
async function run(count: number, atOnce: number, begun: (socket: Socket) => void): Promise<void> {
  let left = count;
  const lane = async (attacker: number) => {
    for (; left > 0; await attack(attacker, begun)) left -= 1;
  };
  await Promise.all(Array.from({ length: attackers * atOnce }, (_, at) => lane(at % attackers)));
}

function drip(socket: Socket): void {
  socket.write(`GET / HTTP/1.1\r\n${own}X-`);
  const timer = setInterval(() => socket.write('x'), dripMs);
  socket.on('close', () => clearInterval(timer));
}

serve(async ({ malformed, slow }: Asked) => {
  const began = performance.now();
  await Promise.all([
    run(malformed, most.malformed, (socket) => socket.end(rubbish())),
    run(slow, most.slow, drip),
  ]);
  return { ms: performance.now() - began };
});
