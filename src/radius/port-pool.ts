import { SourcePorts } from './source-ports.js';
import type { ChannelEvents, Transport } from './transport.js';

/**
 * One connection to each server, shared by all clients that ask it: an identifier belongs to one request on a connection
 * (RFC 6613 §2.6.5), so 256 are under way there at most, or fewer, and the others wait.
 */
export class PortPool {
  readonly #transport: Transport;
  readonly #underWay: number;
  readonly #lost: (host: string, port: number) => void;
  readonly #ports = new Map<string, SourcePorts>();

  /**
   * @param underWay requests on a connection at most
   * @param lost is told when a connection has ended that we did not close
   */
  constructor(transport: Transport, underWay: number, lost: (host: string, port: number) => void = () => {}) {
    this.#transport = transport;
    this.#underWay = underWay;
    this.#lost = lost;
  }

  /** The same ports for the same server. */
  to(host: string, port: number): SourcePorts {
    const at = `${host} ${port}`;
    const known = this.#ports.get(at);
    if (known) return known;
    const ports = new SourcePorts(
      (events) => this.#transport.open(host, port, this.#watched(events, host, port)),
      1,
      () => {},
      this.#underWay,
    );
    this.#ports.set(at, ports);
    return ports;
  }

  /** Closes each connection when its last request ends. */
  close(): void {
    for (const ports of this.#ports.values()) ports.close();
  }

  #watched(events: ChannelEvents, host: string, port: number): ChannelEvents {
    return {
      ...events,
      ended: (detail) => {
        events.ended?.(detail);
        this.#lost(host, port);
      },
    };
  }
}
