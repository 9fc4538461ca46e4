// Calls on ubus while the daemon is being ended, and while too many are under way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import type { Service } from '../../src/api/service.js';
import { publish } from '../../src/wiring/publish.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { until } from '../rig/until.js';

/** The object on a bus, and a caller. A reload takes until it is released; a status is answered at once. */
async function scene() {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  await broker.start();
  const loaded = loadConfig(
    `config turnpike 'main'\n\toption socket '${socket}'\nconfig gateway 'lan'\n\toption type 'opennds'\n`,
    'f',
  );
  assert.ok(loaded.ok);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let waiting = 0;
  const service = {
    status: () => ({ version: 'test' }),
    async reload() {
      waiting += 1;
      await released;
      return { applied: true };
    },
  } as unknown as Service;
  const bus = await publish(service, loaded.config, () => {}, new Set());
  const client = new UbusClient({ socket });
  await client.connect();
  const codeOf = async () => {
    const { error } = ((await client.call('turnpike', 'status', {})) ?? {}) as { error?: { code: string } };
    return error?.code ?? 'ok';
  };
  const close = async () => {
    release();
    client.close();
    await bus.close();
    await broker.stop();
    rmSync(dir, { recursive: true });
  };
  return { bus, client, codeOf, close, release: () => release(), waiting: () => waiting };
}

test('what is under way at the end is answered, and what comes then is refused in words', async () => {
  const { bus, client, codeOf, close, release, waiting } = await scene();
  try {
    const reloading = client.call('turnpike', 'reload', {});
    await until('the reload is under way', () => waiting() === 1);
    const drained = bus.drain();
    await until('calls are refused', async () => (await codeOf()) === 'stopping');
    release();
    assert.equal(await reloading, { applied: true });
    await drained;
  } finally {
    await close();
  }
});

test('beyond 512 calls under way the next one is told so, and taken when there is room', async () => {
  const { client, codeOf, close, release, waiting } = await scene();
  try {
    const calls = Array.from({ length: 512 }, () => client.call('turnpike', 'reload', {}));
    await until('all are under way', () => waiting() === 512);
    assert.is(await codeOf(), 'busy');
    release();
    await Promise.all(calls);
    assert.is(await codeOf(), 'ok');
  } finally {
    await close();
  }
});

test.run();
