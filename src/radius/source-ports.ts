import { signed } from './signed.js';
import type { Channel, ChannelEvents } from './transport.js';
import type { Wire } from './wire.js';

/** A request that waits for its identifier, and then for its reply. */
export interface Outstanding {
  /** `identifier` is its own on this port until it is released. */
  start(port: SourcePort, identifier: number): void;
  /** A datagram with its identifier; not necessarily its reply. */
  received(datagram: Buffer): void;
  failed(detail: string): void;
}

/** A source port and who has which of its identifiers. */
export class SourcePort {
  readonly #holders = new Map<number, Outstanding>();
  #channel: Channel | undefined;
  #wire: Wire = signed;
  readonly #most: number;
  #next = 0;

  /** @param most requests under way at once */
  constructor(most: number) {
    this.#most = most;
  }

  attach(channel: Channel): void {
    this.#channel = channel;
    this.#wire = channel.wire ?? signed;
    this.#next = this.#wire.firstIdentifier();
  }

  /** How packets are written there. */
  get wire(): Wire {
    return this.#wire;
  }

  get held(): number {
    return this.#holders.size;
  }

  get isFull(): boolean {
    return this.held >= this.#most;
  }

  send(datagram: Buffer): void {
    this.#channel?.send(datagram);
  }

  /** The identifier that was not used for the longest time, roughly; the port must not be full. */
  take(holder: Outstanding): number {
    const { identifiers } = this.#wire;
    while (this.#holders.has(this.#next)) this.#next = (this.#next + 1) % identifiers;
    const identifier = this.#next;
    this.#holders.set(identifier, holder);
    this.#next = (identifier + 1) % identifiers;
    return identifier;
  }

  release(identifier: number): void {
    this.#holders.delete(identifier);
  }

  /** Who waits for this packet. */
  holderOf(packet: Buffer): Outstanding | undefined {
    const identifier = this.#wire.identifierOf(packet);
    return identifier === undefined ? undefined : this.#holders.get(identifier);
  }

  /** Tells every holder that what it sent did not get there. */
  fail(detail: string): void {
    for (const holder of [...this.#holders.values()]) holder.failed(detail);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}

/**
 * The source ports towards one server. It opens as few as the requests under way need; at the upper bound requests
 * wait.
 */
export class SourcePorts {
  readonly #open: (events: ChannelEvents) => Promise<Channel>;
  readonly #most: number;
  readonly #strange: () => void;
  readonly #each: number;
  #ports: SourcePort[] = [];
  /** Ports that take no new requests; each closes when its last request ends. */
  readonly #retired = new Set<SourcePort>();
  readonly #queue = new Set<Outstanding>();
  #opening = false;
  #closed = false;

  /**
   * @param open opens another port
   * @param most ports
   * @param strange is called for a datagram with an identifier that nobody holds
   * @param each requests that a port has under way at most. @default 256, which one octet tells apart
   */
  constructor(
    open: (events: ChannelEvents) => Promise<Channel>,
    most: number,
    strange: () => void,
    each = signed.identifiers,
  ) {
    this.#open = open;
    this.#most = most;
    this.#strange = strange;
    this.#each = each;
  }

  /** Requests that have an identifier, and those that wait for one. */
  get load(): { readonly outstanding: number; readonly queued: number } {
    const outstanding = [...this.#ports, ...this.#retired].reduce((sum, port) => sum + port.held, 0);
    return { outstanding, queued: this.#queue.size };
  }

  /** Gives the request an identifier, at once or when there is one. */
  add(request: Outstanding): void {
    this.#queue.add(request);
    this.#serve();
  }

  /** Takes back a request that has no identifier yet. */
  remove(request: Outstanding): void {
    this.#queue.delete(request);
  }

  release(port: SourcePort, identifier: number): void {
    port.release(identifier);
    if (this.#retired.has(port)) this.#closeIdle(port);
    else this.#serve();
  }

  /** Opens a port where there is none, without a request. */
  warm(): void {
    if (this.#ports.length === 0) void this.#openPort();
  }

  /** Lets the next requests go out from new ports, for which the server's name is looked up anew. */
  retire(): void {
    for (const port of this.#ports.splice(0)) {
      this.#retired.add(port);
      this.#closeIdle(port);
    }
  }

  /** Whoever closes the ports has told the holders of identifiers before. */
  close(): void {
    this.#closed = true;
    this.retire();
  }

  #closeIdle(port: SourcePort): void {
    if (port.held > 0) return;
    this.#retired.delete(port);
    port.close();
  }

  #serve(): void {
    for (const request of this.#queue) {
      const port = this.#ports.find((p) => !p.isFull);
      if (!port) break;
      this.#queue.delete(request);
      request.start(port, port.take(request));
    }
    if (this.#queue.size > 0 && this.#ports.length < this.#most) void this.#openPort();
  }

  async #openPort(): Promise<void> {
    if (this.#opening || this.#closed) return;
    this.#opening = true;
    const port = new SourcePort(this.#each);
    let fault: string | undefined;
    let endedWith: string | undefined;
    try {
      const events = {
        received: (datagram: Buffer) => this.#received(port, datagram),
        failed: (detail: string) => port.fail(detail),
        ended: (detail: string) => {
          endedWith = detail;
          this.#ended(port, detail);
        },
      };
      port.attach(await this.#open(events));
      if (endedWith !== undefined) fault = endedWith;
      else if (this.#closed) port.close();
      else this.#ports.push(port);
    } catch (error) {
      fault = (error as Error).message;
    }
    this.#opening = false;
    if (fault === undefined) this.#serve();
    // While another port is open the server can be reached; the requests wait for an identifier there.
    else if (this.#ports.length === 0) for (const request of [...this.#queue]) request.failed(fault);
  }

  /** Nobody gets an identifier there any more before those who had one are told. */
  #ended(port: SourcePort, detail: string): void {
    this.#ports = this.#ports.filter((one) => one !== port);
    this.#retired.add(port);
    port.fail(detail);
    this.#closeIdle(port);
    this.#serve();
  }

  #received(port: SourcePort, datagram: Buffer): void {
    const holder = port.holderOf(datagram);
    if (holder) holder.received(datagram);
    else this.#strange();
  }
}
