// The page to which a portal sends those who have not paid.
import { once } from 'node:events';
import { get, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Reply, Route } from '../../src/ports/web.js';
import { WebServer } from '../../src/web/server.js';
import { TestClock } from '../rig/clock.js';
import { freeTcpPort } from '../rig/free-port.js';
import { until } from '../rig/until.js';

const test = suite<{ server: WebServer; port: number; log: string[] }>('page');

test.before.each(async (c) => {
  c.log = [];
  c.port = await freeTcpPort();
  c.server = serverAt(systemClock, c.log);
});
test.after.each((c) => c.server.stop());

function serverAt(clock: Clock, log: string[]): WebServer {
  const say = (level: string, line: string) => log.push(`${level} ${line}`);
  return new WebServer({ clock, log: say, deviceAt: async () => undefined });
}

/** One page at every address. */
function plain({ port, text: body }: { port: number; text: string }) {
  const headers = { 'Content-Type': 'text/html; charset=utf-8' };
  const route: Route = { method: 'GET', path: '/*', handle: () => ({ status: 200, headers, body }) };
  return { at: [{ port }], sites: [{ routes: [route] }] };
}

async function read(
  url: string,
): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  const [response] = await once(get(url), 'response');
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) };
}

test('a customer reads where to buy, at every address of the portal’s redirect', async ({ server, port }) => {
  await server.apply(plain({ port, text: 'At the bar, or call 555-0100.' }));
  for (const path of ['/', '/?fas=aGlkPTEy', '/generate_204']) {
    const { status, type, body } = await read(`http://127.0.0.1:${port}${path}`);
    assert.equal([status, type], [200, 'text/html; charset=utf-8']);
    assert.match(body, 'At the bar, or call 555-0100.');
  }
});

test('it is there over IPv6 too', async ({ server, port }) => {
  const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
  if (!hasIPv6) return console.log('SKIPPED: this machine has no IPv6');
  await server.apply(plain({ port, text: 'Here.' }));
  assert.match((await read(`http://[::1]:${port}/`)).body, 'Here.');
});

test('stopped while it begins, it leaves the port free', async ({ server, port }) => {
  const begun = server.apply(plain({ port, text: 'x' }));
  await server.stop();
  await begun;
  const other = createServer().listen(port);
  await once(other, 'listening');
  other.close();
});

test('without a port there is no page, and a reload takes the text and the port over', async ({
  server,
  port,
  log,
}) => {
  await server.apply({ at: [], sites: [] });
  assert.equal(log, []);
  await server.apply(plain({ port, text: 'One.' }));
  await server.apply(plain({ port, text: 'Two.' }));
  assert.match((await read(`http://127.0.0.1:${port}/`)).body, 'Two.');
  await server.apply({ at: [], sites: [] });
  await once(connect(port, '127.0.0.1'), 'error');
});

test('a reload is done at once, also while a slow asker holds a port that is given up', async ({
  port,
  log,
}) => {
  const clock = new TestClock();
  const server = serverAt(clock, log);
  const never: Route = { method: 'GET', path: '/slow', handle: () => new Promise(() => {}) };
  await server.apply({ at: [{ port }], sites: [{ routes: [never] }] });
  const idle = connect(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  const slow = connect(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  slow.write(`GET /slow HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  // The limits of both connections, and that of the answer.
  await until('both connections', () => clock.pending === 3);
  const [idleEnds, slowEnds] = [idle, slow].map(
    (one) => new Promise((resolve) => one.once('close', resolve)),
  );
  await server.apply({ ...plain({ port, text: 'Two.' }), at: [{ host: '127.0.0.1', port }] });
  assert.match((await read(`http://127.0.0.1:${port}/`)).body, 'Two.');
  await idleEnds;
  assert.not(slow.destroyed);
  await clock.pass(5_000);
  await slowEnds;
  await server.stop();
});

test('an answer that is on its way arrives when its port is given up', async ({ server, port }) => {
  let answer: (() => void) | undefined;
  const handle = () =>
    new Promise<Reply>((resolve) => {
      answer = () => resolve({ status: 200, body: 'yours' });
    });
  const route: Route = { method: 'GET', path: '/slow', handle };
  await server.apply({ at: [{ port }], sites: [{ routes: [route] }] });
  const asked = read(`http://127.0.0.1:${port}/slow`);
  await until('the question', () => answer !== undefined);
  await server.apply({ at: [], sites: [] });
  answer!();
  assert.is((await asked).body, 'yours');
});

test('a device can send nothing but questions', async ({ server, port }) => {
  await server.apply(plain({ port, text: 'x' }));
  const post = request({ port, method: 'POST', host: '127.0.0.1' }).on('error', () => {});
  post.end('mac=02:00:00:00:00:01');
  const [response] = await once(post, 'response');
  assert.is(response.statusCode, 405);
  response.resume();
  const long = get({ port, host: '127.0.0.1', path: `/?${'x'.repeat(20_000)}` });
  const [refused] = await once(long, 'response');
  assert.is(refused.statusCode, 431);
  refused.resume();
});

test('a connection that says nothing is cut off, and 24 of one address are the most', async ({
  port,
  log,
}) => {
  const clock = new TestClock();
  const server = serverAt(clock, log);
  await server.apply(plain({ port, text: 'x' }));
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  const closed = once(silent, 'close');
  silent.resume();
  await clock.pass(10_000);
  await closed;
  const many = Array.from({ length: 30 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.race(many.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
  const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  other.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  assert.match(await text(other), '200 OK');
  for (const socket of many) socket.destroy();
  await server.stop();
});

test('a port that somebody else has is said once and tried again, and sales go on', async ({ port, log }) => {
  const other = createServer().listen(port);
  await once(other, 'listening');
  const clock = new TestClock();
  const server = serverAt(clock, log);
  await server.apply(plain({ port, text: 'x' }));
  await clock.pass(10_000);
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(log, [`error page: port ${port} cannot be served (address already in use): trying again`]);
  other.close();
  await once(other, 'close');
  await clock.pass(10_000);
  while (log.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.match((await read(`http://127.0.0.1:${port}/`)).body, 'x');
  await server.stop();
});

test.run();
