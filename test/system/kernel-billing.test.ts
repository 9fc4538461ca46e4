// What crossed is what is billed, on real portals that die, are restarted or lose their rules, with IPv6. What
// crossed is counted at the client and at the web server.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { KernelShop } from './rig/kernel-shop.js';
import { gates } from './rig/portals.js';

let shop: KernelShop;
const fast = { ratePerSecond: 12_500_000 };
const one = () => shop.rig.clients[0]!;
const two = () => shop.rig.clients[1]!;

/** Tells and compares; the portal's own pages come in the server's name and cross nothing. */
function agree(what: string, crossed: number, billed: number, tolerated = 0.005): void {
  const percent = (((billed - crossed) / crossed) * 100).toFixed(3);
  console.log(`  ${what}: ${crossed} bytes crossed, ${billed} billed (${percent}%)`);
  assert.ok(Math.abs(billed - crossed) <= crossed * tolerated, what);
}

/** Calls `act` once when a download has come so far. */
function at(bytes: number, act: () => Promise<unknown>) {
  let acted: Promise<unknown> | undefined;
  return {
    onProgress: (arrived: number) => {
      if (arrived >= bytes) acted ??= act();
    },
    done: () => acted,
  };
}

/**
 * With many small packets on the way up the cap may be there before a download has come so far: then the customer buys
 * anew. @returns what passed meanwhile, which is the portal's own answers
 */
async function soldAnew(before: string): Promise<{ id: string; passed: number }> {
  await shop.ended(before);
  const away = await shop.crossed(one());
  const id = await shop.sell(one(), 10);
  return { id, passed: (await shop.crossed(one())) - away };
}

const stateOf = async (id: string) => (await shop.session(id)).state;

/** What the kernel has counted of a session. */
async function countOf(id: string): Promise<number> {
  const list = await shop.rig.gateway.run('nft', ['list', 'counters', 'table', 'inet', 'turnpike']);
  const found = [...list.matchAll(new RegExp(`counter c[ud]\\d+_${id} {[^}]*bytes (\\d+)`, 'g'))];
  return found.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

for (const portal of gates()) {
  const test = suite(portal.title);
  const isOwn = 'isOwn' in portal;
  /** Tests of a program that dies or is restarted. */
  const ofProgram = isOwn ? () => {} : test;
  /** What crosses of a device without a session. Our own page comes in the server's name, in both families. */
  const unpaidOf = (client: Client) => (isOwn ? shop.arrived(client) : shop.crossed(client));
  test.before(async () => {
    shop = await KernelShop.open({ clients: 2, portal, ipv6: true });
  });
  test.after(async () => {
    await shop?.close();
  });

  test('IPv6: nothing before payment, counted and capped together with IPv4, nothing after the close', async () => {
    const v6 = { ipv6: true, ...fast };
    const unpaid = await unpaidOf(one());
    await one().download(1_000_000, v6);
    assert.is(await unpaidOf(one()), unpaid, 'before payment');
    const id = await shop.sell(one(), 10);
    const before = await shop.crossed(one());
    assert.ok((await one().download(3_000_000, fast)).ok);
    assert.is((await one().upload(2_000_000, { ipv6: true })).ok, !portal.rejectsIpv6, 'openNDS 11 has none');
    await one().download(20_000_000, portal.rejectsIpv6 ? fast : v6);
    const { cause } = await shop.ended(id);
    assert.is(cause, 'data');
    const crossed = (await shop.crossed(one())) - before;
    assert.ok(crossed <= 10_000_000 && crossed > 10_000_000 - 65_536, `${crossed} of 10,000,000`);
    agree('10 MB over both families', crossed, await shop.billed(id));
    const after = await unpaidOf(one());
    await one().download(1_000_000, v6);
    assert.is(await unpaidOf(one()), after, 'after the close');
  });

  ofProgram('the portal killed in mid-download: what crossed is billed', async () => {
    const id = await shop.sell(one(), 100);
    const before = await shop.crossed(one());
    const kill = at(5_000_000, () => shop.rig.killPortal());
    assert.ok((await one().download(40_000_000, { ...fast, onProgress: kill.onProgress })).ok);
    await kill.done();
    const crossed = (await shop.crossed(one())) - before;
    await shop.daemon.call('close', { id });
    await shop.rig.startPortal();
    await shop.ended(id);
    agree('portal killed', crossed, await shop.billed(id));
  });

  ofProgram('the portal killed: the cap holds, and is billed as what crossed', async () => {
    const id = await shop.sell(one(), 30);
    const before = await shop.crossed(one());
    const kill = at(5_000_000, () => shop.rig.killPortal());
    await one().download(60_000_000, { ...fast, onProgress: kill.onProgress });
    await kill.done();
    const crossed = (await shop.crossed(one())) - before;
    assert.ok(crossed <= 30_000_000 && crossed > 30_000_000 - 65_536, `${crossed} of 30,000,000`);
    await until('it ends', async () => (await stateOf(id)) === 'closing');
    await shop.rig.startPortal();
    assert.is((await shop.ended(id)).cause, 'data');
    agree('portal killed, cap of 30 MB', crossed, await shop.billed(id));
  });

  ofProgram(
    'the portal restarted in mid-download: what crossed is billed, and the customer is let in again',
    async () => {
      const id = await shop.sell(one(), 100);
      const before = await shop.crossed(one());
      const restart = at(5_000_000, () => shop.rig.restartPortal());
      await one().download(40_000_000, { ...fast, onProgress: restart.onProgress });
      await restart.done();
      // The portal's own answers come in the server's name while it turns the customer away, and cross nothing.
      const away = await shop.crossed(one());
      await until('let in again', async () => (await one().visit()) === 200);
      const again = await shop.crossed(one());
      assert.ok((await one().download(20_000_000, fast)).ok);
      const crossed = (await shop.crossed(one())) - before - (again - away);
      agree('portal restarted', crossed, await shop.end(id));
    },
  );

  for (const far of isOwn ? [9_300_000] : [9_000_000, 9_200_000, 9_300_000, 9_350_000]) {
    test(`a top-up of 10 MB when ${far} bytes of 10 MB have arrived: all of both crosses`, async () => {
      const id = await shop.sell(one(), 10);
      const before = await shop.crossed(one());
      const more = at(far, () => shop.topUp(one(), 10));
      await one().download(60_000_000, { ...fast, onProgress: more.onProgress });
      const anew = more.done() ? undefined : await soldAnew(id);
      const second = String(anew?.id ?? (await more.done()));
      // Where the sale came late, the download has starved meanwhile: the customer tries again until nothing is left.
      await until('all is used', async () => {
        const state = await stateOf(second);
        if (state === 'active') await one().download(60_000_000, fast);
        return !['pending', 'active', 'suspended'].includes(state as string);
      });
      await shop.ended(second);
      const crossed = (await shop.crossed(one())) - before - (anew?.passed ?? 0);
      const ids = [...new Set([id, second])];
      const billed = (await Promise.all(ids.map((one) => shop.billed(one)))).reduce((sum, n) => sum + n, 0);
      const what = `${crossed} of 20,000,000 crossed in ${ids.length} sessions, ${billed} billed`;
      assert.ok(crossed <= 20_000_000, what);
      // By what is billed: the portal drops some of what the table has let through. Where the first session was over before
      // the second sale, both leave less than one packet.
      assert.ok(billed > 20_000_000 - 65_536 * ids.length, what);
      agree(`10 + 10 MB at ${far}, ${ids.length} session(s)`, crossed, billed);
    });
  }

  test('a device that gets another session in mid-download: each is billed its own, and nobody else', async () => {
    const first = await shop.sell(one(), 100);
    const other = await shop.sell(two(), 100);
    const [mine, theirs] = [await shop.crossed(one()), await shop.crossed(two())];
    let second = '';
    const change = at(5_000_000, async () => {
      await shop.end(first);
      second = await shop.sell(one(), 50);
    });
    const slow = { ratePerSecond: 4_000_000 };
    await Promise.all([
      one().download(20_000_000, { ...slow, onProgress: change.onProgress }),
      two().download(20_000_000, slow),
    ]);
    await change.done();
    const crossed = (await shop.crossed(one())) - mine;
    agree('the other device', (await shop.crossed(two())) - theirs, await shop.end(other));
    agree('two sessions of one device', crossed, (await shop.end(first)) + (await shop.end(second)));
  });

  test('the ruleset flushed in mid-download: the table is back, counts on, and holds the unpaid', async () => {
    const id = await shop.sell(one(), 100);
    const before = await shop.crossed(one());
    const { mended } = await shop.status();
    const flush = at(5_000_000, () => shop.rig.gateway.run('nft', ['flush', 'ruleset']));
    const slow = { ratePerSecond: 4_000_000 };
    assert.ok((await one().download(20_000_000, { ...slow, onProgress: flush.onProgress })).ok);
    await flush.done();
    await until('mended', async () => Number((await shop.status()).mended) > Number(mended));
    const unpaid = await unpaidOf(two());
    await two().download(1_000_000, { ipv6: true });
    assert.is(await unpaidOf(two()), unpaid, 'the portal has no rules, and turnpike has');
    const [counted, crossed] = [await countOf(id), await shop.crossed(one())];
    console.log(`  ruleset flushed: ${crossed - before} bytes crossed, ${counted} counted`);
    assert.ok(counted > 0 && counted <= crossed - before, 'nobody pays for what did not cross');
    assert.ok((await one().download(5_000_000)).ok);
    const since = (await shop.crossed(one())) - crossed;
    await shop.daemon.call('close', { id });
    await shop.rig.restartPortal();
    await shop.ended(id);
    agree('after it was put back', since, (await shop.billed(id)) - counted);
  });

  test.run();
}
