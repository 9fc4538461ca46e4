import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Station } from './network.js';
import { RigError, type Room, type RoomProcess } from './room.js';

const startLimitMs = 20_000;
const answerLimitMs = 5_000;

// Names that Debian's dnsmasq and hosts file would have to learn are off: there is neither in the room.
const config = `
gatewayinterface br-lan
gatewayfqdn disable
dhcp_default_url_enable 0
sessiontimeout 0
preauthidletimeout 120
authidletimeout 120
checkinterval 15
debuglevel 1
FirewallRuleSet authenticated-users {
  FirewallRule allow all
}
FirewallRuleSet users-to-router {
  FirewallRule allow udp port 53
  FirewallRule allow udp port 67
}
`;

// openNDS keeps its socket and files in the first of /tmp, /run and /var that is a tmpfs. nf_tables refuses the
// chain priority -100 beside those that iptables-nft makes. The rest of the machine is read only from in here.
const mounts = `
  lib=/usr/lib/opennds
  mount -t tmpfs tmpfs /tmp &&
  sed 's/priority -100/priority 0/g' $lib/libopennds.sh >/tmp/libopennds.sh &&
  printf '#!/bin/sh\\nprintf done\\n' >/tmp/dnsconfig.sh &&
  chmod 755 /tmp/libopennds.sh /tmp/dnsconfig.sh &&
  mount --bind /tmp/libopennds.sh $lib/libopennds.sh &&
  mount --bind /tmp/dnsconfig.sh $lib/dnsconfig.sh &&
  mount -t sysfs sysfs /sys &&
  mount -o remount,bind,ro /`;

/** Debian's openNDS on the gateway's `br-lan`. */
export class Portal {
  readonly #gateway: Room;
  readonly #program: string;
  #process: RoomProcess | undefined;
  #log = '';

  private constructor(gateway: Room, program: string) {
    this.#gateway = gateway;
    this.#program = program;
  }

  /** Gives the gateway's room openNDS's files and the leases of the stations, and starts it. */
  static async install(gateway: Room, stations: readonly Station[], program: string): Promise<Portal> {
    await gateway.run('sh', ['-c', mounts]);
    const leases = stations.map(({ mac, ip }) => `4102444800 ${mac} ${ip} client *\n`);
    writeFileSync(gateway.path('/tmp/dhcp.leases'), leases.join(''));
    writeFileSync(gateway.path('/tmp/opennds.conf'), config);
    await gateway.run('mount', ['--bind', '/tmp/opennds.conf', '/etc/opennds/opennds.conf']);
    const portal = new Portal(gateway, program);
    await portal.start();
    return portal;
  }

  /** The control socket, for any process of the machine; the same after a restart. */
  get socket(): string {
    return this.#gateway.path('/tmp/ndsctl.sock');
  }

  /** What openNDS said so far. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when openNDS answers on its socket. */
  async start(): Promise<void> {
    const started = this.#gateway.start(this.#program, ['-f']);
    this.#process = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (piece) => {
        this.#log += piece;
      });
    }
    let gone = false;
    void started.exited.then(() => {
      gone = true;
    });
    const deadline = performance.now() + startLimitMs;
    while ((await this.#answer()) === undefined) {
      if (gone) throw new RigError('no-start', `openNDS ended: ${this.#log}`);
      if (performance.now() > deadline)
        throw new RigError('no-start', `openNDS does not answer: ${this.#log}`);
      await pause(10);
    }
  }

  /** Ends openNDS the polite way; it takes its rules out of the firewall. */
  stop(): Promise<void> {
    return this.#end('TERM');
  }

  /** Ends openNDS with no time to tidy: its socket file and its rules stay, so open gates stay open. */
  kill(): Promise<void> {
    return this.#end('KILL');
  }

  async #end(signal: string): Promise<void> {
    await this.#process?.signal(signal);
    await this.#process?.exited;
    this.#process = undefined;
  }

  async #answer(): Promise<string | undefined> {
    return ask(this.socket, 'json').catch(() => undefined);
  }
}

/**
 * Puts one command to the control socket and gives the reply, with no queue and no second try.
 * @throws {@link RigError} `timeout`, or the socket's own error.
 */
export async function ask(socket: string, command: string): Promise<string> {
  const connection = createConnection(socket);
  connection.setTimeout(answerLimitMs, () => {
    connection.destroy(new RigError('timeout', `${command}: no reply in ${answerLimitMs} ms`));
  });
  connection.write(`${command}\n`);
  return text(connection);
}
