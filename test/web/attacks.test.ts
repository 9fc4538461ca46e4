// What somebody on the WiFi can throw at the customers' server while others use it.
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { join, type Stage, stage } from './stage.js';

const test = suite<{ s: Stage }>('attacks');
test.before.each(async (c) => {
  c.s = await stage();
  await join(c.s, 1);
});
test.after.each((c) => c.s.end());

function connected(s: Stage, phone: number): Socket {
  const socket = connect({ host: '127.0.0.1', port: s.port, localAddress: `127.0.0.${phone}` });
  return socket.on('error', () => {}).resume();
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

const heads = [
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /%ff%fe/../plan/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /plan/__proto__ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /?lang=constructor&to=http://%00&fas=%ff HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: ;;;q=,*\r\n\r\n',
  'POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n',
  'POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60\r\n\r\nplan=data&steps=1e99&method=token&key=%00&__proto__=1&code=good',
  'POST /voucher HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\ncode=%ff%',
  'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
  '\r\n\r\n\r\n',
];

test('malformed requests end with their connections, and the page is there as before', async ({ s }) => {
  const random = seeded(7);
  const noise = () => Buffer.from(Array.from({ length: whole(random, 1, 300) }, () => whole(random, 0, 255)));
  const aimed = heads.map((head) => head.replace('Host: 127.0.0.1', `Host: 127.0.0.1:${s.port}`));
  const thrown = [...aimed.map((head) => Buffer.from(head, 'latin1')), ...Array.from({ length: 200 }, noise)];
  for (let at = 0; at < thrown.length; at += 20) {
    const sockets = thrown.slice(at, at + 20).map((bytes) => {
      const socket = connected(s, 9);
      socket.end(bytes);
      return socket;
    });
    await Promise.all(sockets.map(closed));
  }
  assert.match((await s.ask(1, '/')).body, 'Data, 10 MB a step');
  assert.equal(
    s.log.filter((line) => line.startsWith('error')),
    [],
  );
  assert.is([...s.w.engine.accounts.book.all()].length, 0, 'and nobody bought anything');
});

test('those who hold every connection that they can get keep nobody else out', async ({ s }) => {
  const held: Socket[] = [];
  for (let phone = 100; phone < 110; phone += 1) {
    for (let n = 0; n < 30; n += 1) {
      const socket = connected(s, phone);
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-');
      held.push(socket);
    }
  }
  // 24 of each stay; the rest is reset.
  await until('the rest is reset', () => held.filter(({ destroyed }) => destroyed).length === 60);
  assert.match((await s.ask(1, '/')).body, 'Data, 10 MB a step');
  await s.w.clock.pass(10_000);
  await Promise.all(held.map(closed));
});

test('who asks and does not read is cut off', async ({ s }) => {
  const socket = connected(s, 9).pause();
  const gone = closed(socket);
  socket.write(`GET /never-read HTTP/1.1\r\nHost: 127.0.0.1:${s.port}\r\n\r\n`);
  await until('it is asked', () => s.w.clock.pending > 0);
  await s.w.clock.pass(80_000);
  socket.resume();
  await gone;
});

test.run();
