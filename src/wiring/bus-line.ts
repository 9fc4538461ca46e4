import { UbusClient } from 'openwrt-ubus';
import type { Bus } from '../ports/bus.js';

/** A connection to ubus for those who hear what others say there; there is none until the first of them asks. */
export class BusLine {
  readonly #socket: string | undefined;
  #client: UbusClient | undefined;

  constructor(socket: string | undefined) {
    this.#socket = socket;
  }

  /** Connects as soon as there is a ubusd. Its absence is told by the daemon's own connection. */
  get bus(): Bus {
    if (this.#client) return this.#client;
    this.#client = new UbusClient({ socket: this.#socket, onError: () => {} });
    void this.#client.start();
    return this.#client;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#client?.close();
  }
}
