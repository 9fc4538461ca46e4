// The hard cap in the kernel, on real portals: with turnpike dead, with counts set back, and at the end of time.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stoodStill } from '../rig/standstill.js';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { KernelShop } from './rig/kernel-shop.js';
import { portals } from './rig/portals.js';

let shop: KernelShop;
const fast = { ratePerSecond: 12_500_000 };
/** What the kernel takes as one packet between virtual interfaces (GSO): the one that crosses the cap is dropped whole. */
const packet = 65_536;

const crossedBy = (client: Client) => shop.crossed(client);
const listing = () => shop.rig.gateway.run('nft', ['list', 'table', 'inet', 'turnpike']);

/**
 * `bytes` crossed for a cap: never above it, and the last packet at the most short of it. `uncounted`: may have
 * crossed while there was no table.
 */
function exact(bytes: number, cap: number, what: string, uncounted = 0): void {
  console.log(`  ${what}: ${bytes} of ${cap} bytes crossed, ${bytes - cap} beyond the cap`);
  assert.ok(bytes > cap - packet, `${what}: nothing was withheld`);
  assert.ok(bytes <= cap + uncounted, `${what}: the cap held`);
}

const one = () => shop.rig.clients[0]!;
const two = () => shop.rig.clients[1]!;

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    shop = await KernelShop.open({ portal });
  });
  test.after(async () => {
    await shop?.close();
  });

  test('the gate closes at the cap, to the packet, and what is in the kernel goes with the session', async () => {
    const sold = await shop.sell(one(), 30);
    const before = await crossedBy(one());
    assert.is((await one().download(60_000_000, fast)).ok, false);
    const { cause } = await shop.ended(sold);
    assert.is(cause, 'data');
    exact((await crossedBy(one())) - before, 30_000_000, 'with the hard cap');
    await until('its quota is gone', async () => !(await listing()).includes(sold));
    assert.is((await shop.status()).state, 'on');
  });

  test('a top-up in mid-download raises the cap in place', async () => {
    const sold = await shop.sell(one(), 10);
    const before = await crossedBy(one());
    let more: Promise<unknown> | undefined;
    // Slowly: the first cap is some seconds away when more is bought.
    const download = await one().download(60_000_000, {
      ratePerSecond: 2_500_000,
      onProgress: (bytes) => {
        if (bytes > 1_000_000) more ??= shop.topUp(one(), 15);
      },
    });
    await more;
    assert.is(download.ok, false);
    await shop.ended(sold);
    exact((await crossedBy(one())) - before, 25_000_000, 'topped up');
  });

  test('turnpike killed before the cap: the kernel holds it, and the next start closes the gate', async () => {
    const sold = await shop.sell(one(), 20);
    const other = await shop.sell(two(), 500);
    const before = await crossedBy(one());
    let killed: Promise<unknown> | undefined;
    const [capped, free] = await Promise.all([
      one().download(60_000_000, {
        ...fast,
        onProgress: (bytes) => {
          if (bytes > 5_000_000) killed ??= shop.daemon.end('SIGKILL');
        },
      }),
      two().download(40_000_000, fast),
    ]);
    await killed;
    assert.is(capped.ok, false, 'cut off with nobody there');
    assert.is(free.ok, true, 'and the other client is not');
    exact((await crossedBy(one())) - before, 20_000_000, 'with turnpike dead');
    await shop.daemon.start();
    const { cause } = await shop.ended(sold);
    assert.is(cause, 'data');
    await shop.daemon.call('close', { id: other });
  });

  test('a table set back, switched off and mended holds the cap with turnpike dead', async () => {
    const sold = await shop.sell(one(), 20);
    const before = await crossedBy(one());
    assert.ok((await one().download(5_000_000, fast)).ok);
    const mended = Number((await shop.status()).mended);
    await until('looked at', async () => (await shop.billed(sold)) > 5_000_000);
    await shop.rig.gateway.run('nft', ['reset', 'quotas']);
    await shop.rig.gateway.run('nft', ['add', 'table', 'inet', 'turnpike', '{ flags dormant; }']);
    // Whoever looks between the two mends twice.
    const isMended = async () =>
      Number((await shop.status()).mended) > mended && !(await listing()).includes('dormant');
    await until('mended', isMended);
    await shop.daemon.end('SIGKILL');
    assert.is((await one().download(60_000_000, fast)).ok, false);
    exact((await crossedBy(one())) - before, 20_000_000, 'after it was mended', 3_000);
    await shop.daemon.start();
    await shop.ended(sold);
  });

  test('at the end of a time session nothing passes, before the portal has answered', async () => {
    const sold = await shop.sell(one(), 2, 'time');
    const still = stoodStill();
    const download = await one().download(100_000_000, { ratePerSecond: 1_000_000 });
    assert.is(download.ok, false);
    const { cause } = await shop.ended(sold);
    assert.is(cause, 'time');
    const most = 3_500_000 + (stoodStill() - still) * 1_000;
    assert.ok(download.bytes < most, `${download.bytes} bytes at 1 MB/s in a session of 2 s`);
  });

  test.run();
}
