import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inTime } from '../../rig/until.js';
import { gatewayAddress, serverAddress, serverAddress6 } from './network.js';
import type { Room } from './room.js';

/** A device with its own MAC, in a machine with others. It has IPv4, IPv6 or both. */
export interface Member {
  readonly mac: string;
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
}

/** A page to fetch, from one of a member's addresses. */
export interface Fetch {
  readonly from: string;
  readonly host: string;
  readonly bytes: number;
}

const hex = (n: number) => n.toString(16).padStart(2, '0');

/** Many devices on the link of one room. */
export class Crowd {
  readonly members: readonly Member[];
  readonly #ask: (fetches: readonly Fetch[]) => Promise<number[]>;

  private constructor(members: readonly Member[], ask: (fetches: readonly Fetch[]) => Promise<number[]>) {
    this.members = members;
    this.#ask = ask;
  }

  /**
   * Gives `room`, a client of the gateway, so many devices more; a third each has IPv4, IPv6 and both.
   * @param isIpv4 all have IPv4 alone
   */
  static async join(room: Room, count: number, isIpv4 = false): Promise<Crowd> {
    const members = Array.from({ length: count }, (_, n) => ({
      mac: `02:77:00:00:02:${hex(n)}`,
      ip: n % 3 === 1 && !isIpv4 ? undefined : `10.77.0.${50 + n}`,
      ip6: n % 3 === 0 || isIpv4 ? undefined : `fd77::2:${hex(n)}`,
    }));
    await room.run('sh', ['-c', settings]);
    await room.run('ip', ['-batch', '-'], members.flatMap(lines).join('\n'));
    await room.run('ip', ['-6', '-batch', '-'], members.flatMap(lines6).join('\n'));
    const child = room.start(process.execPath, [fileURLToPath(new URL('./crowd-child.js', import.meta.url))]);
    child.stderr.pipe(process.stderr, { end: false });
    const said = createInterface(child.stdout)[Symbol.asyncIterator]();
    return new Crowd(members, async (fetches) => {
      child.stdin.write(`${JSON.stringify(fetches)}\n`);
      const { value } = await inTime('the crowd’s pages', said.next());
      return JSON.parse(value as string);
    });
  }

  /** Has these members fetch so many bytes over each family that they have. @returns the status of each page */
  fetch(members: readonly Member[], bytes: number): Promise<number[]> {
    return this.#ask(
      members.flatMap(({ ip, ip6 }) => [
        ...(ip === undefined ? [] : [{ from: ip, host: serverAddress, bytes }]),
        ...(ip6 === undefined ? [] : [{ from: ip6, host: serverAddress6, bytes }]),
      ]),
    );
  }
}

/** Each address is answered for by its own device alone. */
const settings = `cd /proc/sys/net &&
  echo 1 >ipv4/conf/all/arp_ignore && echo 2 >ipv4/conf/all/arp_announce && echo 0 >ipv4/conf/all/rp_filter &&
  echo 0 >ipv4/conf/default/rp_filter && echo 0 >ipv6/conf/default/accept_dad &&
  echo 0 >ipv6/conf/default/accept_ra && echo 0 >ipv6/conf/default/disable_ipv6`;

function lines({ mac, ip }: Member, n: number): string[] {
  const [dev, table] = [`m${n}`, 1000 + n];
  const link = [`link add ${dev} link eth0 address ${mac} type macvlan mode bridge`, `link set ${dev} up`];
  if (ip === undefined) return link;
  return [
    ...link,
    `addr add ${ip}/32 dev ${dev}`,
    `route add ${gatewayAddress} dev ${dev} src ${ip} table ${table}`,
    `route add default via ${gatewayAddress} dev ${dev} onlink src ${ip} table ${table}`,
    `rule add from ${ip} table ${table}`,
  ];
}

function lines6({ ip6 }: Member, n: number): string[] {
  const [dev, table] = [`m${n}`, 1000 + n];
  if (ip6 === undefined) return [];
  return [
    `addr add ${ip6}/128 dev ${dev} nodad`,
    `route add fd77::1 dev ${dev} table ${table}`,
    `route add default via fd77::1 dev ${dev} table ${table}`,
    `rule add from ${ip6} table ${table}`,
  ];
}
