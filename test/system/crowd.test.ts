// Two hundred devices at turnpike's own gate that come, buy, use and go, over IPv4, IPv6 and both: gates and bills are exact.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { Crowd, type Member } from './rig/crowd.js';
import { OwnShop } from './rig/own-shop.js';

const count = 200;
/** Octets of a page that each device fetches over each family. */
const page = 20_000;
/** The acknowledgement of the end of a connection may be under way when a count is read: two of them, in bytes. */
const late = 160;

interface Context {
  shop: OwnShop;
  crowd: Crowd;
  ids: Map<string, unknown>;
}

const test = suite<Context>('a crowd at our own gate');

/** What each device moved, as the web server's machine counts it. */
function counting(members: readonly Member[]): string {
  const all = members.flatMap(({ ip, ip6 }, n) =>
    [ip && `ip ${ip}`, ip6 && `ip6 ${ip6}`].flatMap((one) =>
      one ? [{ n, family: one.split(' ')[0], address: one.split(' ')[1] }] : [],
    ),
  );
  const map = (family: string, type: string) => {
    const elements = all
      .filter((one) => one.family === family)
      .map(({ n, address }) => `${address} : "c${n}"`);
    return `map ${family}_c { type ${type} : counter; elements = { ${elements.join(', ')} } }`;
  };
  return `table inet crowd {
    ${members.map((_, n) => `counter c${n} { }`).join('\n')}
    ${map('ip', 'ipv4_addr')}
    ${map('ip6', 'ipv6_addr')}
    chain in { type filter hook prerouting priority -300;
      counter name ip saddr map @ip_c
      counter name ip6 saddr map @ip6_c
    }
    chain out { type filter hook postrouting priority 300;
      counter name ip daddr map @ip_c
      counter name ip6 daddr map @ip6_c
    }
  }\n`;
}

async function crossed({ shop }: Context): Promise<number[]> {
  const list = await shop.rooms[1]!.run('nft', ['list', 'counters', 'table', 'inet', 'crowd']);
  const found = new Map(
    [...list.matchAll(/counter c(\d+) {\s+packets \d+ bytes (\d+)/g)].map(([, n, b]) => [
      Number(n),
      Number(b),
    ]),
  );
  return Array.from({ length: count }, (_, n) => found.get(n)!);
}

const isAll = (statuses: readonly number[], wanted: number) => {
  const others = statuses.filter((status) => status !== wanted);
  assert.equal(others, [], `${others.length} of ${statuses.length} are not ${wanted}`);
};

async function buy({ shop, ids }: Context, { mac }: Member): Promise<void> {
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac, plan: 'data', steps: 1, payment, idempotency_key: mac };
  const sold = await shop.daemon.call('purchase', order);
  assert.is(sold.error, undefined, JSON.stringify(sold));
  ids.set(mac, sold.id);
}

const become = (c: Context, members: readonly Member[], state: string) =>
  until(`all ${state}`, async () => {
    for (const { mac } of members) if ((await c.shop.session(c.ids.get(mac))).state !== state) return false;
    return true;
  });

test.before(async (c) => {
  c.ids = new Map();
  c.shop = await OwnShop.open(1);
  c.crowd = await Crowd.join(c.shop.rooms[2]!, count);
  await c.shop.rooms[1]!.run('nft', ['-f', '-'], counting(c.crowd.members));
});

test.after(async (c) => {
  await c.shop?.close();
});

test('they come: each is shown the page, over each family, and nothing of them crosses', async (c) => {
  isAll(await c.crowd.fetch(c.crowd.members, page), 302);
  assert.equal(
    (await crossed(c)).filter((bytes) => bytes > 0),
    [],
  );
});

test('all buy at once: each has the web, and each is billed to the byte when they go', async (c) => {
  const { members } = c.crowd;
  const began = performance.now();
  await Promise.all(members.map((member) => buy(c, member)));
  await become(c, members, 'active');
  console.log(`  ${count} sales at once: all active after ${(performance.now() - began).toFixed(0)} ms`);
  isAll(await c.crowd.fetch(members, page), 200);
  const [going, staying] = [members.slice(0, count / 2), members.slice(count / 2)];
  await Promise.all(going.map(({ mac }) => c.shop.daemon.call('close', { id: c.ids.get(mac) })));
  await become(c, going, 'terminated');
  const before = await crossed(c);
  isAll(await c.crowd.fetch(going, page), 302);
  assert.equal((await crossed(c)).slice(0, count / 2), before.slice(0, count / 2), 'nothing after the close');
  isAll(await c.crowd.fetch(staying, page), 200);
  await Promise.all(staying.map(({ mac }) => c.shop.daemon.call('close', { id: c.ids.get(mac) })));
  await become(c, staying, 'terminated');
  const passed = await crossed(c);
  const apart: number[] = [];
  for (const [n, { mac }] of members.entries())
    apart.push(Math.abs((await c.shop.billed(c.ids.get(mac))) - passed[n]!));
  const sum = passed.reduce((a, b) => a + b, 0);
  console.log(`  ${sum} bytes crossed; the largest difference of a bill is ${Math.max(...apart)} bytes`);
  assert.ok(sum > count * page && Math.max(...apart) <= late, apart.join());
});

test.run();
