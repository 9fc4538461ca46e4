import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from './client.js';
import { buildNetwork } from './network.js';
import { openNds } from './opennds.js';
import { type GateKind, Portal } from './portal.js';
import { RigError, type Room } from './room.js';

/** A portal on a gateway between clients and a web server, each a machine of its own in namespaces of this one. */
export interface Rig {
  /** Path of the portal's control socket, for any process of this machine; empty where turnpike itself is the portal. */
  readonly socket: string;
  readonly kind: GateKind;
  readonly clients: readonly Client[];
  /** Where the portal's interface, firewall and files are. */
  readonly gateway: Room;
  /** Every machine of the rig, the gateway too. */
  readonly rooms: readonly Room[];
  /** What the portal said so far, for the report of a failure. */
  portalLog(): string;
  startPortal(): Promise<void>;
  /** Ends the portal as its service does: every gate shuts and every client is forgotten. */
  stopPortal(): Promise<void>;
  /** Ends the portal with SIGKILL: gates stay as they are until it starts again. */
  killPortal(): Promise<void>;
  restartPortal(): Promise<void>;
  /** Stops the portal where it is until {@link thawPortal}; its queue has room for six callers. */
  freezePortal(): Promise<void>;
  thawPortal(): void;
  /** Resolves when every process and namespace of the rig is gone. */
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly clients?: number;
  readonly portal?: GateKind;
  /** Clients and web server have IPv6, too. @default false */
  readonly ipv6?: boolean;
}

/**
 * Builds and starts everything; needs root and Debian's `nftables iproute2 iptables curl`, and the portal.
 *
 * Nothing of it outlives this process, however that ends; {@link Rig.stop} is for going on without it.
 * @param options.portal Debian's openNDS unless it says another
 * @throws {@link RigError} and leaves nothing behind.
 */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const { clients = 2, portal: kind = openNds(), ipv6 = false } = options;
  const rooms: Room[] = [];
  const stop = async () => {
    await Promise.all(rooms.map((room) => room.close()));
  };
  try {
    const network = await buildNetwork(clients, rooms, ipv6);
    await startWebServer(network.wan);
    const isProgram = !('isOwn' in kind);
    const portal = isProgram ? await Portal.install(network.gateway, network.stations, kind) : new NoPortal();
    return {
      socket: portal.socket,
      kind,
      clients: await Promise.all(network.stations.map((station) => Client.start(station))),
      gateway: network.gateway,
      rooms,
      portalLog: () => portal.log,
      startPortal: () => portal.start(),
      stopPortal: () => portal.stop(),
      killPortal: () => portal.kill(),
      restartPortal: async () => {
        await portal.stop();
        await portal.start();
      },
      freezePortal: () => portal.freeze(),
      thawPortal: () => portal.thaw(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In the place of a portal's program where turnpike itself is the portal. */
class NoPortal {
  readonly socket = '';
  readonly log = '';
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async kill(): Promise<void> {}
  async freeze(): Promise<void> {}
  thaw(): void {}
}

/** Starts the web server in its room. */
export async function startWebServer(wan: Room): Promise<void> {
  const server = wan.start(process.execPath, [fileURLToPath(new URL('./webserver.js', import.meta.url))]);
  server.stderr.pipe(process.stderr, { end: false });
  const [event] = await Promise.race([once(server.stdout, 'data'), server.exited.then(() => [undefined])]);
  if (event === undefined) throw new RigError('no-start', 'the web server ended');
}
