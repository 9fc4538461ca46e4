import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { conform } from '../ubus/conformance.js';
import type { Context } from '../ubus/rig.js';

const test = suite<Context>('embedded broker');
const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));

test.before.each(async (c) => {
  const socket = join(dir, 'ubus.sock');
  let broker = new UbusBroker(socket);
  await broker.start();
  c.clients = [];
  c.daemon = {
    socket,
    stop: () => broker.stop(),
    start: async () => {
      broker = new UbusBroker(socket);
      await broker.start();
    },
  };
});

test.after.each(async (c) => {
  for (const client of c.clients) client.close();
  await c.daemon.stop();
});

test.after(() => rmSync(dir, { recursive: true }));

conform(test);

test('bytes that are no ubus end that connection and no other', async (c) => {
  const rude = createConnection(c.daemon.socket);
  const closed = new Promise((resolve) => rude.once('close', resolve));
  rude.resume();
  rude.write(Buffer.alloc(64, 0xff));
  await closed;
  const polite = createConnection(c.daemon.socket);
  const hello = await new Promise<Buffer>((resolve) => polite.once('data', resolve));
  assert.is(hello.length, 12);
  polite.destroy();
});

test.run();
