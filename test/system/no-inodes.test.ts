// The real process on a disk that can hold no more files: it starts, serves what was sold, and sells when it can again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { enterRoom, SmallDisk } from '../campaign/small-disk.js';
import { shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';

enterRoom();

const [one, two] = ['02:44:00:00:00:0a', '02:44:00:00:00:0b'] as [Mac, Mac];
const codeOf = (reply: Table) => (reply.error as { code: string } | undefined)?.code;

test('a start without an inode serves who has paid, sells nothing, and sells again when files can be made', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-inodes-'));
  const disk = new SmallDisk(1024, 64);
  const portal = new SimulatedPortal(opennds, join(dir, 'portal.sock'));
  await portal.start();
  portal.join(one, '10.0.0.1');
  portal.join(two, '10.0.0.2');
  const options = { state: join(disk.path, 'state'), flushInterval: '1s' };
  const daemon = await startProcess(
    shop(join(dir, 'portal.sock'), ["poll_min '50ms'", "poll_max '200ms'"]),
    options,
  );
  const buy = (mac: Mac, key: string) => {
    const payment = { method: 'cash', reference: key };
    return daemon.call('purchase', {
      mac,
      plan: 'data',
      steps: 100,
      payment,
      idempotency_key: key,
      gateway: 'lan',
    });
  };
  try {
    const sold = await buy(one, 'k1');
    assert.is(sold.state, 'active', JSON.stringify(sold));
    await daemon.end('SIGTERM');
    const giveBack = disk.fillInodes();
    await daemon.start();
    await until(
      'served',
      async () => (await daemon.call('session', { id: String(sold.id) })).state === 'active',
    );
    assert.is(codeOf(await buy(two, 'k2')), 'storage_full');
    assert.is(((await daemon.call('status')).journal as Table).state, 'full');
    const made = await daemon.call('voucher_create', { plan: 'data', count: 1, idempotency_key: 'v1' });
    assert.is(codeOf(made), 'storage_full');
    giveBack();
    await until('sold', async () => codeOf(await buy(two, 'k2')) === undefined);
    await daemon.end('SIGKILL');
    await daemon.start();
    for (const mac of [one, two]) {
      await until(`${mac} is served`, async () => (await daemon.call('session', { mac })).state === 'active');
    }
    assert.not.match(daemon.log(), /damaged|missing/);
  } finally {
    await daemon.close();
    await portal.stop();
    disk.remove();
    rmSync(dir, { recursive: true });
  }
});

test.run();
