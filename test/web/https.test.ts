// HTTPS with the owner's certificate, at the port of the page.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebServer } from '../../src/web/server.js';
import { TestClock } from '../rig/clock.js';
import { freeTcpPort } from '../rig/free-port.js';
import { certificates } from './certificates.js';

interface Context {
  dir: string;
  clock: TestClock;
  server: WebServer;
  port: number;
  log: string[];
}
const test = suite<Context>('https');
test.before.each(async (c) => {
  const log: string[] = [];
  const clock = new TestClock();
  Object.assign(c, { dir: mkdtempSync(join(tmpdir(), 'turnpike-')), clock, log, port: await freeTcpPort() });
  const say = (level: string, line: string) => log.push(`${level} ${line}`);
  c.server = new WebServer({ clock, log: say, deviceAt: async () => undefined });
});
test.after.each(async (c) => {
  await c.server.stop();
  rmSync(c.dir, { recursive: true });
});

/** Puts a certificate for a name into the files that the server reads. */
function issue(dir: string, name: keyof typeof certificates): void {
  const { cert, key } = certificates[name];
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key);
}

function settings({ dir, port }: Context) {
  const files = { certificate: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  const handle = ({ isSecure, origin }: { isSecure: boolean; origin: string }) => ({
    status: 200,
    body: `${isSecure} ${origin}`,
  });
  return {
    at: [{ port }],
    certificate: files,
    sites: [{ routes: [{ method: 'GET', path: '/*', handle } as const] }],
  };
}

async function read(asked: ReturnType<typeof httpGet>): Promise<string> {
  const [response] = await once(asked, 'response');
  return text(response);
}

const secure = (port: number, host: string) =>
  read(
    httpsGet({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false, headers: { Host: host } }),
  );

async function nameAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('one port speaks HTTP and HTTPS, and knows itself by the name of its certificate', async (c) => {
  issue(c.dir, 'new.example.net');
  await c.server.apply(settings(c));
  const { port } = c;
  assert.is(await secure(port, `new.example.net:${port}`), `true https://new.example.net:${port}`);
  assert.is(await secure(port, `127.0.0.1:${port}`), `true https://127.0.0.1:${port}`);
  const plain = httpGet({ port, host: '127.0.0.1', agent: false, path: '/' });
  assert.is(await read(plain), `false http://127.0.0.1:${port}`);
  assert.equal(c.server.names, ['new.example.net']);
});

test('a renewed certificate is taken up within a minute, and a broken one leaves the old one', async (c) => {
  issue(c.dir, 'old.example.net');
  await c.server.apply(settings(c));
  assert.is(await nameAt(c.port), 'old.example.net');
  issue(c.dir, 'new.example.net');
  await c.clock.pass(60_000);
  assert.is(await nameAt(c.port), 'new.example.net');
  rmSync(join(c.dir, 'key.pem'));
  await c.clock.pass(60_000);
  assert.is(await nameAt(c.port), 'new.example.net');
  assert.match(
    c.log.at(-1)!,
    `the certificate cannot be used (${join(c.dir, 'key.pem')}: no such file or directory)`,
  );
});

test('a browser that would rather speak HTTP/2 speaks HTTP/1.1', async (c) => {
  issue(c.dir, 'new.example.net');
  await c.server.apply(settings(c));
  const ALPNProtocols = ['h2', 'http/1.1'];
  const socket = connect({ port: c.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols });
  await once(socket, 'secureConnect');
  assert.is(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('without a certificate that can be read there is the page over HTTP, and the log says why', async (c) => {
  await c.server.apply(settings(c));
  const plain = httpGet({ port: c.port, host: '127.0.0.1', agent: false, path: '/' });
  assert.is(await read(plain), `false http://127.0.0.1:${c.port}`);
  assert.equal(c.server.names, []);
  assert.match(c.log.join('\n'), 'there is no HTTPS');
});

test('a connection that begins TLS and goes silent is cut off', async (c) => {
  issue(c.dir, 'new.example.net');
  await c.server.apply(settings(c));
  const { connect: plainly } = await import('node:net');
  const socket = plainly(c.port, '127.0.0.1').on('error', () => {});
  const gone = new Promise((resolve) => socket.resume().once('close', resolve));
  socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
  // The limit of the connection, beside the next look at the certificate.
  while (c.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
  await c.clock.pass(10_000);
  await gone;
});

test.run();
