// Who connects to a device from outside, as an owner from their own network to an access point among the customers.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import type { Mac } from '../../src/domain/mac.js';
import { nftAt } from '../../src/kernel/nft.js';
import { KernelTable } from '../../src/kernel/table.js';
import { hold, marks } from '../kernel/wanted.js';
import { buildNetwork, type Network } from './rig/network.js';
import type { Room } from './rig/room.js';

interface Context {
  opened: Room[];
  network: Network;
  dir: string;
  table: KernelTable;
}

const test = suite<Context>('from outside');
const serve = `require('node:net').createServer((s) => s.end('hello')).listen(8080, () => console.log('ready'));`;
/** What comes of a connection to an address; nothing when none is made within so many ms. */
const ask = `const s = require('node:net').connect(8080, process.argv[1]);
const late = setTimeout(() => s.destroy(), Number(process.argv[2]));
s.on('data', (data) => process.stdout.write(data)).on('error', () => {}).on('close', () => clearTimeout(late));`;
/** How long who is to be reached is waited for, and who is not, in ms. */
const [patience, silence] = ['60000', '1000'];

test.before(async (c) => {
  c.opened = [];
  c.network = await buildNetwork(3, c.opened);
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(c.dir, 'nft');
  writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${c.network.gateway.pid} --net -- nft "$@"\n`);
  chmodSync(file, 0o755);
  const [trusted, paid] = c.network.stations.map(({ mac }) => mac as Mac);
  const one: Hold = hold('a', { mac: paid!, caps: {} });
  const premises = [{ interfaces: ['br-lan'], exclusive: true, trusted: [trusted!], open: [] }];
  c.table = new KernelTable({
    ...{ nft: nftAt(file), marks, log: () => {} },
    wanted: { hold: (id) => (id === 'a' ? one : undefined), holds: () => [one], premises: () => premises },
    readAll: async () => ({ moved: [], seen: 2 }),
  });
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
});

test.after(async (c) => {
  for (const room of c.opened.reverse()) await room.close();
  rmSync(c.dir, { recursive: true });
});

test('a trusted and a paid device are reached, the paid one’s part is counted, and no other device is', async (c) => {
  const heard: string[] = [];
  for (const [n, { room, ip }] of c.network.stations.entries()) {
    const server = room.start(process.execPath, ['-e', serve]);
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const wait = n < 2 ? patience : silence;
    heard.push(await c.network.wan.run(process.execPath, ['-e', ask, ip, wait]));
  }
  assert.equal(heard, ['hello', 'hello', '']);
  const counted = await c.table.count('a');
  assert.ok(counted && counted.up > 100 && counted.down > 50, JSON.stringify(counted));
});

test.run();
