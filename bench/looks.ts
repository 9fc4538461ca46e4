import { statIn } from '../test/rig/children.js';
import type { DaemonProcess } from '../test/rig/daemon.js';
import { until } from '../test/rig/until.js';
import { startAt } from '../test/system/rig/kernel-shop.js';
import type { GateKind } from '../test/system/rig/portal.js';
import { type Rig, startRig } from '../test/system/rig/rig.js';
import { cpuIn, cpuOf, cpuOfStarted } from './costs.js';

/** Purchases that are under way at once. */
const atOnce = 8;

/** CPU of the daemon, of what it starts and of the portal since they began, in ms. */
export async function cpuOfAll(daemon: DaemonProcess, { kind, gateway }: Rig): Promise<number> {
  const own = cpuOf(daemon.pid()) + cpuOfStarted(daemon.pid());
  if ('isOwn' in kind) return own;
  const stats = await gateway.run('sh', ['-c', 'cat /proc/[0-9]*/stat 2>/dev/null || :']);
  const portal = stats.split('\n').filter((stat) => stat.includes(`(${kind.title.toLowerCase()})`));
  return portal.reduce((sum, stat) => sum + cpuIn(statIn(stat)), own);
}

/**
 * CPU of a look at so many paying devices, in ms: of turnpike, of the portal, and of all that they start. The devices are
 * entries among the kernel's neighbours and the leases of DHCP, and send nothing: openNDS lets such a device in before it
 * has asked for a page.
 */
export async function lookAt(kind: GateKind, count: number, windowMs: number): Promise<number> {
  const rig = await startRig({ clients: 1, portal: kind });
  try {
    const found = Array.from({ length: count }, (_, n) => deviceOf(n));
    const neighbours = found.map(
      ({ mac, ip }) => `neigh replace ${ip} lladdr ${mac} nud permanent dev br-lan`,
    );
    await rig.gateway.run('ip', ['addr', 'add', '10.77.0.1/16', 'dev', 'br-lan']);
    await rig.gateway.run('ip', ['-batch', '-'], neighbours.join('\n'));
    const leases = found.map(({ mac, ip }) => `4102444800 ${mac} ${ip} client *\n`).join('');
    await rig.gateway.run('sh', ['-c', 'cat >>/tmp/dhcp.leases'], leases);
    const options = { nft: '/usr/sbin/nft', network: rig.gateway.pid };
    const daemon = await startAt(rig, ["poll_min '1s'", "poll_max '1s'"], options);
    try {
      await sellAll(daemon, found);
      return await costOf(daemon, rig, windowMs);
    } finally {
      await daemon.close();
    }
  } finally {
    await rig.stop();
  }
}

function deviceOf(n: number): { mac: string; ip: string } {
  const hex = (part: number) => part.toString(16).padStart(2, '0');
  return { mac: `02:78:00:00:${hex(n >> 8)}:${hex(n & 255)}`, ip: `10.77.${4 + (n >> 7)}.${1 + (n & 127)}` };
}

async function sellAll(daemon: DaemonProcess, found: readonly { mac: string }[]): Promise<void> {
  const waiting = found.map(({ mac }) => mac);
  const payment = { method: 'cash', reference: 'bench' };
  const serve = async () => {
    for (let mac = waiting.shift(); mac !== undefined; mac = waiting.shift()) {
      const sold = await daemon.call('purchase', {
        ...{ mac, plan: 'data', steps: 100, payment, idempotency_key: mac },
      });
      const isActive = async () => (await daemon.call('session', { id: sold.id })).state === 'active';
      await until(`a gate for ${mac}`, isActive, () => daemon.log().slice(-2_000));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, serve));
}

async function costOf(daemon: DaemonProcess, rig: Rig, windowMs: number): Promise<number> {
  const polls = async () => Number(((await daemon.call('status')).gateways as { polls: number }[])[0]!.polls);
  const before = [await cpuOfAll(daemon, rig), await polls()] as const;
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  await until('a look', async () => (await polls()) > before[1]);
  return ((await cpuOfAll(daemon, rig)) - before[0]) / ((await polls()) - before[1]);
}
