import type { Clock } from '../../ports/clock.js';
import type { RadiusClient } from '../client.js';
import { packetCode } from '../code.js';
import type { LocatedNas } from '../located.js';
import { nasAttributes } from '../nas.js';
import { spread } from '../retransmission.js';
import type { StatusServerPolicy } from '../server.js';
import type { SourcePorts } from '../source-ports.js';

export interface KeeperParts {
  /** A client of this one server. The keeper closes it. */
  readonly client: Pick<RadiusClient, 'request' | 'close'>;
  readonly ports: Pick<SourcePorts, 'warm'>;
  readonly nas: Pick<LocatedNas, 'locate' | 'identifier' | 'address'>;
  readonly policy: StatusServerPolicy;
  readonly clock: Clock;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** Between two looks at a connection that holds, in ms (RFC 3539 §3.4.1): FreeRADIUS ends one that is idle for 30 s. */
const watchMs = 20_000;
/** Before a connection that is lost is made anew, in ms: doubled each time that it is not. */
const firstAgainMs = 1_000;

/**
 * Keeps the connection to a server: makes it at the start, looks with a Status-Server whether the server is still there
 * (RFC 6614 §2.6), and makes it anew when it is lost.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #random: () => number;
  #knowsStatus: boolean;
  #fails = 0;
  #isAsking = false;
  #isStopped = false;
  #cancel = () => {};

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#random = parts.random ?? Math.random;
    this.#knowsStatus = parts.policy === 'require';
  }

  start(): void {
    void this.#look();
  }

  /** The connection has ended. */
  lost(): void {
    // What is being asked has its answer from that, and the next look follows.
    if (!this.#isAsking) this.#later(this.#again());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#parts.client.close();
  }

  async #look(): Promise<void> {
    const { ports, policy, nas } = this.#parts;
    if (policy === 'off') {
      ports.warm();
      return this.#later(watchMs);
    }
    this.#isAsking = true;
    await nas.locate();
    const isThere = await this.#ask();
    this.#isAsking = false;
    this.#later(isThere ? watchMs : this.#again());
  }

  async #ask(): Promise<boolean> {
    const { client, nas } = this.#parts;
    const asked = await client.request({ code: packetCode.statusServer, attributes: nasAttributes(nas) });
    if (asked.ok) {
      this.#knowsStatus = true;
      this.#fails = 0;
      return true;
    }
    // A server that has never answered one may know none, and the connection holds.
    return asked.reason === 'timeout' && !this.#knowsStatus;
  }

  #again(): number {
    const wait = Math.min(firstAgainMs * 2 ** this.#fails, watchMs);
    this.#fails += 1;
    return wait;
  }

  #later(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel();
    this.#cancel = this.#parts.clock.after(spread(ms, this.#random), () => void this.#look());
  }
}
