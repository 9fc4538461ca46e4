import type { Log } from '../ports/log.js';

/** What two sources may differ by, in bytes and as a share, before it is worth a word. */
const tolerated = { bytes: 1_000_000, share: 0.01 };

/** What both sources counted of one session since this run began. */
interface Pair {
  kernel: number;
  portal: number;
}

/** The largest difference between the kernel's count and the portal's. */
export interface Apart {
  readonly bytes: number;
  readonly share: number;
}

/**
 * Holds what the kernel counted against what portals counted. Portals see no IPv6 and forget what they counted
 * when they are restarted, so less than the kernel is nothing odd: more is, for those bytes passed it by.
 */
export class Difference {
  readonly #log: Log;
  readonly #pairs = new Map<string, Pair>();
  #isTold = false;

  constructor(log: Log) {
    this.#log = log;
  }

  kernel(id: string, bytes: number): void {
    this.#pair(id).kernel += bytes;
  }

  portal(id: string, bytes: number): void {
    this.#pair(id).portal += bytes;
  }

  forget(id: string): void {
    this.#pairs.delete(id);
  }

  /** The worst of now. Says once that a portal counts what the kernel does not. */
  get worst(): Apart {
    let worst: Apart = { bytes: 0, share: 0 };
    for (const { kernel, portal } of this.#pairs.values()) {
      const bytes = portal - kernel;
      if (bytes > worst.bytes) worst = { bytes, share: bytes / Math.max(portal, 1) };
    }
    this.#tell(worst);
    return worst;
  }

  #tell({ bytes, share }: Apart): void {
    const isOdd = bytes > tolerated.bytes && share > tolerated.share;
    if (isOdd && !this.#isTold) {
      const percent = (share * 100).toFixed(1);
      this.#log('warn', `kernel: a portal counted ${bytes} bytes (${percent}%) that passed the kernel by`);
    }
    this.#isTold = isOdd;
  }

  #pair(id: string): Pair {
    let pair = this.#pairs.get(id);
    if (!pair) {
      pair = { kernel: 0, portal: 0 };
      this.#pairs.set(id, pair);
    }
    return pair;
  }
}
