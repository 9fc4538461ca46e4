import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Dialect } from '../../../src/domain/dialect.js';
import { until } from '../../rig/until.js';
import type { Station } from './network.js';
import { RigError, type Room, type RoomProcess } from './room.js';

const answerLimitMs = 5_000;

/** Where every portal of a rig has its control socket, in the gateway's room. */
export const socketInside = '/tmp/ndsctl.sock';

/** A program that can be the portal of a rig. */
export interface PortalKind {
  /** What people call it. */
  readonly title: string;
  readonly dialect: Dialect;
  /** How it is started, in the foreground, once {@link prepare} is done. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Its command `ndsctl`, in the gateway's room. */
  readonly client: string;
  /** Its own rules reject what is forwarded over IPv6, whether it was paid for or not. */
  readonly rejectsIpv6: boolean;
  /** Gives the gateway's room what it needs; its socket is to be {@link socketInside}. */
  prepare(gateway: Room, stations: readonly Station[]): Promise<void>;
}

/** Where a portal sends browsers, as `turnpike setup` has it. */
export interface OwnPage {
  readonly address: string;
  readonly port: number;
}

/** turnpike itself at the gate, with no program beside it. */
export interface OwnGate {
  readonly title: string;
  readonly isOwn: true;
  readonly rejectsIpv6: false;
}

export type GateKind = PortalKind | OwnGate;

/** A kind that is a program. */
export function programOf(kind: GateKind): PortalKind {
  if ('isOwn' in kind) throw new RigError('no-start', 'there is no portal daemon');
  return kind;
}

/** The portal on the gateway's `br-lan`. */
export class Portal {
  readonly kind: PortalKind;
  readonly #gateway: Room;
  #process: RoomProcess | undefined;
  #log = '';

  private constructor(gateway: Room, kind: PortalKind) {
    this.#gateway = gateway;
    this.kind = kind;
  }

  static async install(gateway: Room, stations: readonly Station[], kind: PortalKind): Promise<Portal> {
    await kind.prepare(gateway, stations);
    const portal = new Portal(gateway, kind);
    await portal.start();
    return portal;
  }

  /** The control socket, for any process of the machine; the same after a restart. */
  get socket(): string {
    return this.#gateway.path(socketInside);
  }

  /** What the program said so far. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when it answers on its socket. */
  async start(): Promise<void> {
    const [file, ...args] = this.kind.command;
    const started = this.#gateway.start(file, args);
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
    const { title } = this.kind;
    const answers = async () => {
      if (gone) throw new RigError('no-start', `${title} ended: ${this.#log}`);
      return (await this.#answer()) !== undefined;
    };
    await until(`an answer of ${title}`, answers, () => this.#log);
  }

  /** Ends the portal the polite way; it takes its rules out of the firewall. */
  stop(): Promise<void> {
    return this.#end('TERM');
  }

  /** Ends the portal with no time to tidy: its socket file and its rules stay, so open gates stay open. */
  kill(): Promise<void> {
    return this.#end('KILL');
  }

  /** Stops it where it is; who asks meanwhile waits in its queue, which has room for six. */
  async freeze(): Promise<void> {
    await this.#process?.freeze();
  }

  thaw(): void {
    this.#process?.thaw();
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

/**
 * Opens the gate of a listed client, as a portal's owner does by hand.
 *
 * Again where it says `No`: openNDS 11 asks a script first, and where two of its threads run scripts at once it can lose
 * the exit status of one, and takes that for a refusal.
 */
export async function openByHand(socket: string, mac: string): Promise<void> {
  await until(`the portal lets ${mac} in`, async () => (await ask(socket, `auth ${mac}`)).trim() === 'Yes');
}
