// The real process on a disk that fills up under it: no more sales, but everything else goes on.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';

import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { enterRoom, SmallDisk } from '../campaign/small-disk.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';

enterRoom();

const step = 102_400;
const macs = ['0a', '0b', '0c'].map((n) => `02:44:00:00:00:${n}` as Mac) as [Mac, Mac, Mac];
const [capped, free, late] = macs;

const sections = (socket: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${socket}'
	option poll_min '50ms'
	option poll_max '200ms'
config plan 'data'
	option metric 'bytes'
	option step '${step}'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;

interface Scene {
  readonly dir: string;
  readonly disk: SmallDisk;
  readonly portal: SimulatedPortal;
  readonly daemon: DaemonProcess;
}

/** Runs `act` on a disk of its own, which is gone afterwards however it ended. */
async function onSmallDisk(act: (scene: Scene) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-portal-'));
  const disk = new SmallDisk(256);
  const portal = new SimulatedPortal(opennds, join(dir, 'portal.sock'));
  let daemon: DaemonProcess | undefined;
  try {
    await portal.start();
    for (const [i, mac] of macs.entries()) portal.join(mac, `10.0.0.${i + 1}`);
    const options = { state: join(disk.path, 'state'), flushInterval: '1s' };
    daemon = await startProcess(sections(join(dir, 'portal.sock')), options);
    await act({ dir, disk, portal, daemon });
  } finally {
    await daemon?.close();
    await portal.stop();
    disk.remove();
    rmSync(dir, { recursive: true });
  }
}

function buy({ daemon }: Scene, mac: Mac, steps: number, key: string): Promise<Table> {
  const payment = { method: 'cash', reference: key };
  return daemon.call('purchase', { mac, plan: 'data', steps, payment, idempotency_key: key });
}

const codeOf = (reply: Table) => (reply.error as { code: string } | undefined)?.code;
const used = (s: Table) => Number(s.up_bytes) + Number(s.down_bytes);

/**
 * Fills the disk, and what is left of the last page of a file with the smallest purchases that there are, those of new
 * devices, until none of them fits.
 * @returns the key of a top-up that was refused.
 */
async function fillAndBuy(scene: Scene): Promise<string> {
  scene.disk.fill();
  for (let [i, refused] = [0, 0]; refused < 5; i++) {
    assert.ok(i < 100, 'the disk is not full after 100 purchases');
    const stranger = `02:44:00:00:01:${i.toString(16).padStart(2, '0')}` as Mac;
    const code = codeOf(await buy(scene, stranger, 1, `fill-${i}`));
    assert.ok(code === undefined || code === 'storage_full', code);
    refused = code === undefined ? 0 : refused + 1;
  }
  assert.is(codeOf(await buy(scene, free, 1, 'top-up')), 'storage_full');
  return 'top-up';
}

/**
 * A start writes the journal anew, which may free a page of the disk: what is sold then has room beside that which is kept
 * for ends. Once that is given up, nothing is sold, and the owner is told.
 */
async function demandKept({ daemon, disk }: Scene, reply: Table): Promise<void> {
  if (codeOf(reply) === 'storage_full') return;
  assert.is(codeOf(reply), undefined, JSON.stringify(reply));
  const kept = join(disk.path, 'state', 'reserve');
  await until('room is kept, or trouble told', async () => {
    const { state } = (await daemon.call('status')).journal as Table;
    return state !== 'ok' || (existsSync(kept) && statSync(kept).size === 64 * 1024);
  });
}

const lotsOf = async ({ daemon }: Scene, mac: Mac) =>
  ((await daemon.call('session', { mac })).lots as Table[]).map((lot) => lot.reference);

test('a full disk refuses sales, meters and shuts gates, and is well again by itself', async () => {
  await onSmallDisk(async (scene) => {
    const { daemon, disk, portal } = scene;
    const first = await buy(scene, capped, 2, 'k1');
    const second = await buy(scene, free, 100, 'k2');
    assert.is(first.state, 'active', JSON.stringify(first));
    const refused = await fillAndBuy(scene);
    const before = await lotsOf(scene, free);
    assert.not(before.includes(refused), 'what was refused is not there');
    assert.is(codeOf(await buy(scene, late, 1, 'k3')), 'storage_full');
    assert.is(codeOf(await daemon.call('session', { mac: late })), 'unknown_session');
    assert.is(portal.isOpen(late), false);
    assert.not.equal(((await daemon.call('status')).journal as Table).state, 'ok');

    portal.carry(free, 10 * 1024, 490 * 1024);
    await until('metered', async () => used(await daemon.call('session', { mac: free })) === 500 * 1024);
    portal.carry(capped, 0, 2 * step);
    const { data } = await daemon.hear((h) => h.type === 'session.closed' && h.data.id === first.id);
    assert.is(data.cause, 'data');
    assert.is(portal.isOpen(capped), false);
    assert.is(portal.isOpen(free), true);

    disk.free();
    const isOk = async () => ((await daemon.call('status')).journal as Table).state === 'ok';
    await until('the journal is whole again', isOk);
    const sold = await buy(scene, late, 1, 'k3');
    assert.is(sold.state, 'active', JSON.stringify(sold));

    await daemon.end('SIGKILL');
    portal.carry(free, 0, 100 * 1024);
    await daemon.start();
    assert.equal(await daemon.call('session', { id: String(first.id) }), data, 'the end is in the journal');
    assert.equal(await lotsOf(scene, free), before);
    await until('all is counted', async () => {
      const { state, id, ...session } = await daemon.call('session', { mac: free });
      return state === 'active' && id === second.id && used(session) === 600 * 1024;
    });
    assert.is((await buy(scene, late, 1, 'k3')).id, sold.id, 'the same answer to the same key');
    assert.equal(await lotsOf(scene, late), ['k3']);
    assert.not.match(daemon.log(), /damaged|missing/);
  });
});

test('a session that ends on a full disk stays ended, also after a kill', async () => {
  await onSmallDisk(async (scene) => {
    const { daemon, portal } = scene;
    const sold = await buy(scene, capped, 2, 'k1');
    await buy(scene, free, 100, 'k2');
    await fillAndBuy(scene);
    portal.carry(capped, 0, 2 * step);
    const { data } = await daemon.hear((h) => h.type === 'session.closed' && h.data.id === sold.id);
    await daemon.end('SIGKILL');
    await daemon.start();
    assert.equal(await daemon.call('session', { id: String(sold.id) }), data);
    await demandKept(scene, await buy(scene, late, 1, 'k3'));
  });
});

test('a start on a full disk serves what was sold, and sells again when there is room', async () => {
  await onSmallDisk(async (scene) => {
    const { daemon, disk, portal } = scene;
    const sold = await buy(scene, free, 100, 'k1');
    await fillAndBuy(scene);
    await daemon.end('SIGKILL');
    portal.carry(free, 0, 300 * 1024);
    disk.fill();
    await daemon.start();
    await until('metered', async () => {
      const session = await daemon.call('session', { id: String(sold.id) });
      return session.state === 'active' && used(session) === 300 * 1024;
    });
    await demandKept(scene, await buy(scene, late, 1, 'k2'));
    disk.free();
    await until('sold', async () => codeOf(await buy(scene, late, 1, 'k2')) === undefined);
    assert.equal(await lotsOf(scene, late), ['k2']);
    await daemon.end('SIGKILL');
    await daemon.start();
    assert.equal(await lotsOf(scene, late), ['k2']);
    const isCounted = async () => used(await daemon.call('session', { id: String(sold.id) })) === 300 * 1024;
    await until('all is counted', isCounted);
  });
});

test.run();
