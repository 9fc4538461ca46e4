// Who may ask the customers' server for what, and how.
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Route, WebRequest } from '../../src/ports/web.js';
import { WebServer } from '../../src/web/server.js';
import { TestClock } from '../rig/clock.js';
import { freeTcpPort } from '../rig/free-port.js';

interface Context {
  server: WebServer;
  clock: TestClock;
  port: number;
  log: string[];
  asked: WebRequest[];
}
const test = suite<Context>('exchange');

test.before.each(async (c) => {
  Object.assign(c, { log: [], asked: [], clock: new TestClock(), port: await freeTcpPort() });
  const note: Route['handle'] = (asked) => {
    c.asked.push(asked);
    return { status: 200, body: 'done' };
  };
  const routes: Route[] = [
    { method: 'GET', path: '/*', handle: note },
    { method: 'POST', path: '/buy', handle: note },
    { method: 'POST', path: '/hooks/:name', from: 'anybody', mostBytes: 20_000, handle: note },
    { method: 'POST', path: '/bad', handle: () => Promise.reject(new Error('a defect')) },
    { method: 'GET', path: '/never', patienceMs: 5_000, handle: () => new Promise(() => {}) },
  ];
  const device = { mac: '02:00:00:00:00:07' as never };
  c.server = new WebServer({
    clock: c.clock,
    log: (level, line) => c.log.push(`${level} ${line}`),
    deviceAt: async (address) => (address === '127.0.0.1' ? device : undefined),
  });
  await c.server.apply({ at: [{ port: c.port }], sites: [{ routes }] });
  c.log.length = 0;
});
test.after.each((c) => c.server.stop());

async function ask(port: number, options: RequestOptions, body = '') {
  const asked = request({ host: '127.0.0.1', port, agent: false, ...options }).on('error', () => {});
  asked.end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('who asks is told by where they ask from, and by nothing that they say', async ({ port, asked }) => {
  await ask(port, { path: '/?mac=02:00:00:00:00:99', headers: { 'X-Forwarded-For': '10.0.0.9' } });
  assert.is(asked[0]!.address, '127.0.0.1');
  assert.equal(await asked[0]!.device(), { mac: '02:00:00:00:00:07' });
});

test('a probe of a phone is led to the page, with the way back', async ({ port, asked }) => {
  const headers = { Host: 'connectivitycheck.example.net' };
  const { status, headers: given } = await ask(port, { path: '/generate_204', headers });
  const to = encodeURIComponent('http://connectivitycheck.example.net/generate_204');
  assert.equal([status, given.location], [302, `http://127.0.0.1:${port}/?to=${to}`]);
  assert.equal(asked, [], 'nothing is told under another name: that may be DNS rebinding');
  const posted = await ask(port, { method: 'POST', path: '/buy', headers });
  assert.is(posted.status, 421);
});

test('who types the router’s address alone is led to the page’s own port: port 80 is the router’s when they have bought', async ({
  port,
  asked,
}) => {
  for (const host of ['127.0.0.1', '127.0.0.1:80', '127.0.0.1:99999']) {
    const { status, headers } = await ask(port, { path: '/prices?lang=de', headers: { Host: host } });
    assert.equal([status, headers.location], [302, `http://127.0.0.1:${port}/prices?lang=de`], host);
  }
  const away = await ask(port, { path: '//evil.example.net/', headers: { Host: '127.0.0.1' } });
  assert.is(away.headers.location, `http://127.0.0.1:${port}//evil.example.net/`);
  assert.equal(asked, []);
});

test('what another site makes a browser send changes nothing', async ({ port, asked }) => {
  const own = `http://127.0.0.1:${port}`;
  const from = (headers: Record<string, string>) =>
    ask(port, { method: 'POST', path: '/buy', headers: { Host: `127.0.0.1:${port}`, ...headers } });
  const foreign = [
    { Origin: 'https://evil.example.net' },
    { Origin: 'null' },
    { Origin: own, 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: `http://127.0.0.1:${port + 1}` },
  ];
  for (const headers of foreign) assert.is((await from(headers)).status, 403, JSON.stringify(headers));
  assert.equal(asked, []);
  for (const headers of [{ Origin: own, 'Sec-Fetch-Site': 'same-origin' }, { Origin: own }, {}]) {
    assert.is((await from(headers)).status, 200, JSON.stringify(headers));
  }
});

test('a webhook is taken under any name and from any site, with the part of its path', async ({
  port,
  asked,
}) => {
  const headers = { Host: 'wifi.example.net', Origin: 'https://pay.example.net' };
  const { status } = await ask(port, { method: 'POST', path: '/hooks/bank%20one', headers }, 'paid');
  assert.equal([status, asked[0]!.params, asked[0]!.body.toString()], [200, { name: 'bank one' }, 'paid']);
});

test('a body that is too long is refused, whether it says so or not', async ({ port, asked }) => {
  const long = 'x'.repeat(8_193);
  const path = { method: 'POST', path: '/buy' };
  assert.is((await ask(port, path, long)).status, 413);
  const headers = { 'Transfer-Encoding': 'chunked' };
  assert.is((await ask(port, { ...path, headers }, long)).status, 413);
  assert.is((await ask(port, path, long.slice(1))).status, 200);
  assert.is(asked.length, 1);
});

test('who sends too much reads so, while they send and when they have sent it all', async ({ port }) => {
  const isOver = (answer: string) => assert.match(answer, /^HTTP\/1.1 413 /);
  const head = 'POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const piece = `2000\r\n${'x'.repeat(0x2000)}\r\n`;
  const whole = connect({ port, host: '127.0.0.1' });
  whole.write(`${head}Transfer-Encoding: chunked\r\n\r\n${piece.repeat(20)}0\r\n\r\n`);
  isOver(await text(whole));
  const told = connect({ port, host: '127.0.0.1' });
  told.write(`${head}Content-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`);
  isOver(await text(told));
  const slow = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const send = (bytes: string) => new Promise((sent) => slow.write(bytes, sent));
  await send(`${head}Transfer-Encoding: chunked\r\n\r\n${piece.repeat(2)}`);
  const [first] = await once(slow, 'data');
  isOver(String(first));
  const rest = text(slow);
  for (let n = 0; n < 8; n += 1) assert.not(await send(piece), 'no reset');
  await send('0\r\n\r\n');
  slow.end();
  assert.not.match(await rest, 'HTTP');
});

test('who never stops sending is cut off', async ({ port }) => {
  const flood = connect({ port, host: '127.0.0.1' })
    .on('error', () => {})
    .resume();
  const closed = new Promise((resolve) => flood.once('close', resolve));
  flood.write('POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
  const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const more = () => {
    while (!flood.destroyed && flood.write(piece));
  };
  flood.on('drain', more);
  more();
  await closed;
});

test('every reply keeps browsers from storing, framing and guessing', async ({ port }) => {
  for (const path of ['/', '/never/../x']) {
    const { headers } = await ask(port, { path });
    assert.is(headers['cache-control'], 'no-store');
    assert.is(headers['x-frame-options'], 'DENY');
    assert.is(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['content-security-policy'] as string, "frame-ancestors 'none'");
  }
});

test('a defect is in the log without the address that was asked for, and the server goes on', async ({
  port,
  log,
}) => {
  const { status, body } = await ask(port, { method: 'POST', path: '/bad?code=SECRET' });
  assert.is(status, 500);
  assert.not.match(body, 'a defect\n    at');
  assert.match(log.join('\n'), 'error page: POST /bad: Error: a defect');
  assert.not.match(log.join('\n'), 'SECRET');
  assert.is((await ask(port, { path: '/' })).status, 200);
});

test('one who waits for too long is told so', async ({ port, clock }) => {
  const answer = ask(port, { path: '/never' });
  // The limit of the connection, and that of the answer.
  while (clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
  await clock.pass(5_000);
  assert.is((await answer).status, 504);
});

test('a body that comes too slowly is cut off', async ({ port, clock, asked }) => {
  const slow = connect(port, '127.0.0.1').on('error', () => {});
  const closed = new Promise((resolve) => slow.resume().once('close', resolve));
  slow.write('POST /buy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nx');
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.pass(9_000);
  slow.write('x');
  await clock.pass(1_000);
  await closed;
  assert.equal(asked, []);
});

test.run();
