// Somebody takes the table out of the kernel in mid-download: what crossed is billed all the same, for the kernel's
// connections have counted it, too. What crossed is counted at the client and at the web server.
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crowding, until } from '../rig/until.js';
import { KernelShop } from './rig/kernel-shop.js';
import { portals } from './rig/portals.js';

let shop: KernelShop;
const one = () => shop.rig.clients[0]!;
const gateway = () => shop.rig.gateway;
/** Bytes a second: 32 Mbit/s. */
const pace = 4_000_000;

/** When the kernel said last that our table was gone, and that it was back, in ms. */
const away: { from: number; to: number }[] = [];

async function listen(): Promise<void> {
  const ear = gateway().start('nft', ['monitor']);
  let from: number | undefined;
  let isListening = false;
  createInterface(ear.stdout).on('line', (line) => {
    isListening = true;
    if (line.startsWith('delete table inet turnpike')) from ??= performance.now();
    if (from === undefined || !line.startsWith('add rule inet turnpike hold')) return;
    away.push({ from, to: performance.now() });
    from = undefined;
  });
  await until('an ear', async () => {
    await shop.nft('add table ip ear\ndelete table ip ear\n');
    return isListening;
  });
}

/** Takes the table out when a download has come so far and some of it is billed, and waits until it is back. */
function lossesAt(id: string, script: string, ...places: readonly number[]) {
  away.length = 0;
  const losses: Promise<unknown>[] = [];
  const take = async (before: number) => {
    await until('a reading', async () => (await shop.billed(id)) > 0 && away.length >= before);
    await shop.nft(script);
    await until('back', () => away.length > before);
  };
  return {
    onProgress: (arrived: number) => {
      while (losses.length < places.length && arrived >= places[losses.length]!)
        losses.push(take(losses.length));
    },
    done: () => Promise.all(losses),
  };
}

/** The kernel follows connections only where a rule asks for it, so nobody counts what passes while there is no table. */
function agree(what: string, crossed: number, billed: number): void {
  const ms = away.reduce((sum, { from, to }) => sum + to - from, 0);
  const percent = (((billed - crossed) / crossed) * 100).toFixed(3);
  console.log(`  ${what}: ${crossed} crossed, ${billed} billed (${percent}%); away for ${ms.toFixed(0)} ms`);
  // A packet that the portal drops on its way up may be in a connection's bytes.
  assert.ok(billed <= crossed * 1.001, 'nobody pays for what did not cross');
  // What is given away is what passes between two programs' ends and beginnings: a quarter of a second here. On a busy
  // machine readings are seconds apart, and a session that is new may not have been in one.
  const lateMs = 250 + 3_000 * (crowding() - 1);
  const lost = crossed * 0.005 + ((lateMs + 1.5 * ms) / 1_000) * pace;
  assert.ok(billed >= crossed - lost, what);
}

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    shop = await KernelShop.open({ clients: 1, portal, ipv6: true, sections: '\n' });
    await gateway().run('sh', ['-c', 'echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct']);
    await listen();
  });
  test.after(async () => {
    await shop?.close();
  });

  const ways = [
    ['the ruleset flushed', 'flush ruleset\n', [8_000_000]],
    ['our table alone deleted', 'delete table inet turnpike\n', [8_000_000]],
    ['flushed twice in a row', 'flush ruleset\n', [8_000_000, 8_100_000]],
  ] as const;
  for (const [what, script, places] of ways) {
    for (const ipv6 of portal.rejectsIpv6 ? [false] : [false, true]) {
      const title = `${what}, IPv${ipv6 ? 6 : 4}`;
      test(`${title}: what crossed is billed`, async () => {
        const id = await shop.sell(one(), 100);
        const before = await shop.crossed(one());
        const loss = lossesAt(id, script, ...places);
        const options = { ipv6, ratePerSecond: pace, onProgress: loss.onProgress };
        assert.ok((await one().download(20_000_000, options)).ok);
        await loss.done();
        const crossed = (await shop.crossed(one())) - before;
        await shop.rig.restartPortal();
        agree(title, crossed, await shop.end(id));
      });
    }
  }

  test.run();
}
