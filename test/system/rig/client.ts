import { until } from '../../rig/until.js';
import { gatewayAddress, type Station, serverAddress6 } from './network.js';
import { RigError, type Room } from './room.js';
import { download, type Transfer, type TransferOptions, upload, visit } from './traffic.js';

/** Pages that come instead of a redirect before the gate is taken for open. */
const mostPages = 100;

// These hooks see each packet whole and without its Ethernet header, as the portal's own rules do; the
// statistics of the interface hold the headers, ARP and the talk with the gateway as well.
const counters = `
table inet crossed {
  counter up { }
  counter down { }
  chain out { type filter hook postrouting priority 300; oifname "eth0" ip daddr != ${gatewayAddress} counter name up; oifname "eth0" ip6 daddr ${serverAddress6} counter name up; }
  chain in { type filter hook prerouting priority -300; iifname "eth0" ip saddr != ${gatewayAddress} counter name down; iifname "eth0" ip6 saddr ${serverAddress6} counter name down; }
}
`;

/** Octets on layer 3 between a client and the world beyond the gateway, since the rig began. */
export interface Crossed {
  readonly up: number;
  readonly down: number;
}

/** What portals answer in the place of a page, and what turnpike's own does. */
const redirects: readonly number[] = [307, 302];

/** A customer's device. */
export class Client {
  /** Lower case, with colons. */
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
  readonly #room: Room;

  private constructor({ room, mac, ip, ip6 }: Station) {
    this.#room = room;
    this.mac = mac;
    this.ip = ip;
    this.ip6 = ip6;
  }

  static async start(station: Station): Promise<Client> {
    await station.room.run('nft', ['-f', '-'], counters);
    return new Client(station);
  }

  /**
   * Opens a web page, which the portal answers with a redirect: from then on it knows the client.
   * @throws {@link RigError} `no-redirect` while the gate is open.
   */
  async register(): Promise<void> {
    // Two threads of openNDS that run scripts at once can lose an exit status: then it answers 403, once.
    let [status, pages] = [0, 0];
    const look = async () => {
      status = await this.visit();
      pages += status === 200 ? 1 : 0;
      // A gate that is being shut is open for some pages more.
      if (pages > mostPages) throw new RigError('no-redirect', `the gate of ${this.mac} is open`);
      return redirects.includes(status);
    };
    await until('a redirect from the portal', look, () => status);
  }

  /** Opens a web page; 307 is the portal's redirect, 200 the page itself. */
  visit(): Promise<number> {
    return visit(this.#room);
  }

  /** Fetches `bytes` octets from the web server. */
  download(bytes: number, options: TransferOptions = {}): Promise<Transfer> {
    return download(this.#room, bytes, options);
  }

  /** Sends `bytes` octets to the web server. */
  upload(bytes: number, options: TransferOptions = {}): Promise<Transfer> {
    return upload(this.#room, bytes, options);
  }

  /**
   * What really crossed, counted by nftables on the client's own interface.
   *
   * Take the difference of two readings made while the gate is open: the portal's redirect comes in the server's
   * name and is counted too.
   */
  async counters(): Promise<Crossed> {
    const list = await this.#room.run('nft', ['list', 'counters', 'table', 'inet', 'crossed']);
    const read = (name: string) => Number(list.match(new RegExp(`counter ${name} {[^}]*bytes (\\d+)`))?.[1]);
    return { up: read('up'), down: read('down') };
  }
}
