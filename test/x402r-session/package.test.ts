// The package as others get it, packed: the program of its README pays a seller, in a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../packages/simulators/anvil.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const installed = join(dir, 'node_modules', 'x402r-session');
test.after(() => rmSync(dir, { recursive: true }));

test.before(() => {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  execFileSync('npm', ['pack', '--silent', '--pack-destination', dir], {
    cwd: 'packages/x402r-session',
    env,
  });
  const [tarball] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(dir, tarball!), '-C', installed, '--strip-components=1']);
  for (const name of ['@x402', 'viem'])
    symlinkSync(join(process.cwd(), 'node_modules', name), join(dir, 'node_modules', name));
});

test('holds what runs, its types, its sources, its licence, and nothing else', () => {
  assert.equal(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  const sources = readdirSync(join(installed, 'src'));
  const built = sources.flatMap((name) => [name.replace(/ts$/, 'd.ts'), name.replace(/ts$/, 'js')]);
  assert.equal(readdirSync(join(installed, 'dist')).sort(), built.sort());
});

test('imports what it asks for, and nothing else', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const found = new Set<string>();
  for (const name of readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('.js'))) {
    const code = readFileSync(join(installed, 'dist', name), 'utf8');
    for (const [, from] of code.matchAll(/(?:from |import\()'([@a-z][^']*)'/g)) found.add(from!);
  }
  assert.equal([...found].sort(), Object.keys(peerDependencies).sort());
});

/** What a seller of USDC on Base asks for. */
const usdc = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913';
const escrow = `0x${'e'.repeat(40)}`;
const accepts = {
  ...{ scheme: 'session', network: 'eip155:8453', asset: usdc, amount: '2000', payTo: escrow },
  maxTimeoutSeconds: 3600,
  extra: {
    ...{ name: 'USD Coin', version: '2', type: 'prepaid', seller: `0x${'b'.repeat(40)}` },
    ...{ pricePerUnit: '2', maxUnits: '1000', duration: '86400' },
    escrow: { name: 'SessionEscrow', version: '2', chainId: 8453, verifyingContract: escrow },
  },
};

test('the program of its README pays, within the limits that the stock client has for tokens it knows', async () => {
  const shown: string[] = [];
  const server = createServer((request, response) => {
    const payment = request.headers['payment-signature'];
    if (payment) shown.push(String(payment));
    const resource = { url: '/', description: '', mimeType: 'application/json' };
    const required = { x402Version: 2, resource, accepts: [accepts] };
    response.setHeader('PAYMENT-REQUIRED', Buffer.from(JSON.stringify(required)).toString('base64'));
    response.writeHead(payment ? 200 : 402).end('{"sold":true}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(installed, 'README.md'), 'utf8'))!;
  writeFileSync(join(dir, 'buy.mjs'), code!);
  const seller = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const buyer = spawn(process.execPath, [join(dir, 'buy.mjs'), seller], {
    env: { ...process.env, KEY: keyOf(1) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(buyer.stdout), once(buyer, 'exit')]);
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  // Node.js and Bun print the same value in one line or more.
  assert.match(said, /^\{\s+sold: true,?\s+\}\n$/);
  const paid = JSON.parse(Buffer.from(shown[0]!, 'base64').toString());
  assert.equal([shown.length, paid.accepted], [1, accepts]);
  assert.equal([paid.payload.payload.authorization.value, paid.payload.consume.units], ['2000', '1000']);
});

test.run();
