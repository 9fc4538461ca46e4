import type { Table } from 'openwrt-ubus';
import type { DaemonProcess } from '../../rig/daemon.js';
import { freeUdpPort } from '../../rig/free-port.js';
import { until } from '../../rig/until.js';
import type { DetailRecord } from './freeradius.js';
import { type RadclientResult, radclient, silence } from './radclient.js';

/** What docs/radius.md tells the owner of a FreeRADIUS before 3.2.5 to add. */
export const signing = '\tupdate reply {\n\t\tMessage-Authenticator := 0x00\n\t}';

/** A real server, on ports of this machine's loopback. */
export interface RadiusServer {
  readonly secret: Buffer;
  readonly authPort: number;
  readonly acctPort: number;
  detail(): DetailRecord[];
  close(): Promise<void>;
}

/** A FreeRADIUS as the daemon's server: what the configuration says of it, its orders, and what it wrote down. */
export class RadiusService<S extends RadiusServer> {
  readonly server: S;
  /** Where the daemon takes its orders. */
  readonly coaPort: number;
  #keys = 0;

  private constructor(server: S, coaPort: number) {
    this.server = server;
    this.coaPort = coaPort;
  }

  /** @throws {@link RigError} `no-start`, and leaves nothing behind. */
  static async start<S extends RadiusServer>(begin: () => Promise<S>): Promise<RadiusService<S>> {
    const server = await begin();
    return new RadiusService(server, await freeUdpPort());
  }

  /** The section `radius` of the daemon's configuration. @param more options, a line each */
  section(...more: string[]): string {
    const { server, coaPort } = this;
    return `config radius 'radius'
	option enabled '1'
	option server '127.0.0.1:${server.authPort}'
	option acct_server '127.0.0.1:${server.acctPort}'
	option coa '1'
	option coa_address '127.0.0.1'
	option coa_port '${coaPort}'
${more.map((option) => `\toption ${option}\n`).join('')}`;
  }

  /** The file of the daemon's secrets. */
  get secrets(): string {
    return `config secret 'radius'\n\toption secret '${this.server.secret}'\n`;
  }

  /** Logs a device in that the portal knows. */
  logIn(daemon: DaemonProcess, mac: string, user: string, password: string): Promise<Table> {
    this.#keys += 1;
    const payment = { method: 'radius', user, password };
    return daemon.call('purchase', { mac, payment, gateway: 'lan', idempotency_key: `k${this.#keys}` });
  }

  /** An order, as its radclient gives it. */
  order(kind: 'disconnect' | 'coa', attributes: readonly string[]): Promise<RadclientResult> {
    return radclient(this.coaPort, kind, attributes, this.server.secret);
  }

  /** A Disconnect-Request that is to have no answer: none is waited for. */
  unanswered(attributes: readonly string[], secret = this.server.secret): Promise<RadclientResult> {
    return radclient(this.coaPort, 'disconnect', attributes, secret, silence);
  }

  /** What the server wrote down of a session, in its order. */
  records(id: unknown): DetailRecord[] {
    return this.server.detail().filter((record) => record.get('Acct-Session-Id')?.[0] === id);
  }

  /** Resolves with the first record of this type that the server has of a session. */
  reported(id: unknown, type: string): Promise<DetailRecord> {
    return until(`${type} of ${id}`, () =>
      this.records(id).find((record) => record.get('Acct-Status-Type')?.[0] === type),
    );
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** An order's time, as the standard wants it: now. */
export const eventTimestamp = (): string => `Event-Timestamp = ${Math.floor(Date.now() / 1000)}`;
