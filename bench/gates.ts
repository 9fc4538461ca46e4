// `npm run bench:gates`: turnpike's own gate beside portals, and the path through its table beside the same path without
// it. As root, with real programs between network namespaces.
import type { DaemonProcess } from '../test/rig/daemon.js';
import { until } from '../test/rig/until.js';
import { Crowd, type Member } from '../test/system/rig/crowd.js';
import { startAt } from '../test/system/rig/kernel-shop.js';
import { namedOpenNds } from '../test/system/rig/opennds.js';
import type { GateKind } from '../test/system/rig/portal.js';
import { gates } from '../test/system/rig/portals.js';
import { type Rig, startRig } from '../test/system/rig/rig.js';
import { cpuOfAll, lookAt } from './looks.js';
import { spreadOf, timed } from './pairs.js';
import { measurePath } from './path.js';

const isQuick = process.argv.includes('--quick');
const sales = isQuick ? 3 : 9;
const devices = isQuick ? 12 : 30;
/** Devices that are looked at without traffic. */
const more = (process.env.DEVICES ?? (isQuick ? '100' : '100,200,400')).split(',').map(Number);
/** How long CPU is counted, in ms. */
const windowMs = isQuick ? 3_000 : 10_000;

const say = (what: string, value: string) => console.log(`${what.padEnd(66)} ${value}`);
const short = (n: number) => n.toFixed(n < 100 ? 1 : 0);
const nameOf = (kind: GateKind) => ('isOwn' in kind ? 'its own gate' : kind.title);
const ownOf = <T>(kinds: readonly GateKind[], list: readonly T[]) =>
  list[kinds.findIndex((kind) => 'isOwn' in kind)]!;

/** A gate with devices, and a daemon in its network that asks the portal once a second. */
interface Place {
  readonly rig: Rig;
  readonly daemon: DaemonProcess;
  readonly crowd: Crowd;
}

async function open(kind: GateKind, count: number): Promise<Place> {
  const rig = await startRig({ clients: 1, portal: kind });
  const crowd = await Crowd.join(rig.rooms[2]!, count, true);
  if (kind.title === 'openNDS') {
    const leases = crowd.members.map(({ mac, ip }) => `4102444800 ${mac} ${ip} client *`).join('\n');
    await rig.gateway.run('sh', ['-c', 'cat >>/tmp/dhcp.leases'], `${leases}\n`);
  }
  const options = { nft: '/usr/sbin/nft', network: rig.gateway.pid };
  const daemon = await startAt(rig, ["poll_min '1s'", "poll_max '1s'"], options);
  return { rig, daemon, crowd };
}

async function close({ daemon, rig }: Place): Promise<void> {
  await daemon.close();
  await rig.stop();
}

const isShut = (status: number) => status === 302 || status === 307;
const fetchAll = ({ crowd }: Place, members: readonly Member[]) => crowd.fetch(members, 1);

async function register(place: Place, members: readonly Member[]): Promise<void> {
  await until('redirects', async () => (await fetchAll(place, members)).every(isShut));
}

async function buy({ daemon }: Place, { mac }: Member, key: string): Promise<unknown> {
  const payment = { method: 'cash', reference: 'bench' };
  const sold = await daemon.call('purchase', {
    mac,
    plan: 'data',
    steps: 100,
    payment,
    idempotency_key: key,
  });
  return sold.id;
}

/** From the call `purchase` to the first byte of the web. */
async function measureSales(kinds: readonly GateKind[]): Promise<void> {
  const places: Place[] = [];
  const took = kinds.map((): number[] => []);
  try {
    for (const kind of kinds) places.push(await open(kind, 1));
    for (let n = 0; n < sales; n++)
      for (const [i, place] of places.entries()) took[i]!.push(await sale(place, `b${n}`));
  } finally {
    await Promise.all(places.map(close));
  }
  const own = spreadOf(ownOf(kinds, took)).median;
  for (const [i, kind] of kinds.entries()) {
    const { median, min, max } = spreadOf(took[i]!);
    const times = 'isOwn' in kind ? '' : `, ${short(median / own)} times`;
    say(
      `purchase to first byte, ${nameOf(kind)}`,
      `${short(median)} ms (${short(min)} to ${short(max)})${times}`,
    );
  }
}

async function sale(place: Place, key: string): Promise<number> {
  const { daemon, crowd } = place;
  const member = crowd.members[0]!;
  await register(place, [member]);
  let id: unknown;
  const ms = await timed(async () => {
    id = await buy(place, member, key);
    while ((await fetchAll(place, [member]))[0] !== 200);
  });
  await daemon.call('close', { id });
  await until('closed', async () => (await daemon.call('session', { id })).state === 'terminated');
  return ms;
}

/** CPU that a look at paying devices takes: of turnpike, of the portal, and of all that they start. */
async function measureLooks(kinds: readonly GateKind[]): Promise<void> {
  const costs: number[] = [];
  for (const kind of kinds) {
    const place = await open(kind, devices);
    try {
      costs.push(await look(place));
    } finally {
      await close(place);
    }
  }
  for (const [i, kind] of kinds.entries()) {
    const times = 'isOwn' in kind ? '' : `, ${short(costs[i]! / ownOf(kinds, costs))} times`;
    say(`CPU of a look at ${devices} paying devices, ${nameOf(kind)}`, `${short(costs[i]!)} ms${times}`);
  }
}

async function look(place: Place): Promise<number> {
  const { daemon, crowd, rig } = place;
  const { members } = crowd;
  await register(place, members);
  for (const member of members) await buy(place, member, member.mac);
  await until('all in', async () => (await fetchAll(place, members)).every((status) => status === 200));
  const polls = async () => Number(((await daemon.call('status')).gateways as { polls: number }[])[0]!.polls);
  const cpu = () => cpuOfAll(daemon, rig);
  const before = [await cpu(), await polls()] as const;
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  return ((await cpu()) - before[0]) / ((await polls()) - before[1]);
}

/**
 * The same with more devices, which send nothing, for turnpike's own gate and for openNDS: nodogsplash lets nobody in who
 * has not asked for a page, and Debian's openNDS, which is 9.10, does not either. `DEVICES` says how many.
 */
async function measureMore(kinds: readonly GateKind[]): Promise<void> {
  const isBuilt = namedOpenNds() !== undefined;
  if (!isBuilt)
    say(
      'CPU of a look at silent devices, openNDS',
      'left out: 9.10 lets in who has asked for a page; name 10.2 or later in OPENNDS',
    );
  for (const count of more) {
    const costs = new Map<GateKind, number>();
    for (const kind of kinds.filter((one) => 'isOwn' in one || (isBuilt && one.title === 'openNDS')))
      costs.set(kind, await lookAt(kind, count, windowMs));
    const own = [...costs].find(([kind]) => 'isOwn' in kind)![1];
    for (const [kind, cost] of costs) {
      const times = 'isOwn' in kind ? '' : `, ${short(cost / own)} times`;
      const each = `${((cost / count) * 1000).toFixed(0)} µs a device`;
      say(`CPU of a look at ${count} silent devices, ${nameOf(kind)}`, `${short(cost)} ms, ${each}${times}`);
    }
  }
}

const kinds = gates();
await measureSales(kinds);
await measureLooks(kinds);
await measureMore(kinds);
await measurePath(isQuick, say);
