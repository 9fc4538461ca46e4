import type { Counted } from '../domain/hold.js';
import type { Log } from '../ports/log.js';

/** What two sources may differ by, in bytes and as a share, before it is worth a word. */
const tolerated = { bytes: 1_000_000, share: 0.01 };

/** What both sources counted of one session since this run began. */
interface Pair {
  kernel: number;
  portal: number;
  /** What the kernel counted since the portal was read. */
  since: Counted;
}

/** The largest difference between the kernel's count and the portal's. */
export interface Apart {
  readonly bytes: number;
  readonly share: number;
}

const nothing: Counted = { up: 0, down: 0 };

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

  /** The kernel counted this, and it is billed. */
  kernel(id: string, { up, down }: Counted): void {
    const pair = this.#pair(id);
    pair.kernel += up + down;
    pair.since = { up: pair.since.up + up, down: pair.since.down + down };
  }

  /**
   * A portal counted this since it was read last. While the kernel meters, nothing of it is to be billed; when the
   * kernel has just ceased to, what it billed in that time is in the portal's count too.
   * @returns what is to be billed
   */
  portal(id: string, { up, down }: Counted, kernelMeters: boolean): Counted {
    const pair = this.#pair(id);
    const { since } = pair;
    pair.since = nothing;
    if (!kernelMeters) return { up: Math.max(0, up - since.up), down: Math.max(0, down - since.down) };
    pair.portal += up + down;
    return nothing;
  }

  forget(id: string): void {
    this.#pairs.delete(id);
  }

  /** The worst of now. */
  get worst(): Apart {
    let worst: Apart = { bytes: 0, share: 0 };
    for (const { kernel, portal } of this.#pairs.values()) {
      const bytes = portal - kernel;
      if (bytes > worst.bytes) worst = { bytes, share: bytes / Math.max(portal, 1) };
    }
    return worst;
  }

  /** Says once that a portal counts what the kernel does not. */
  tell(): void {
    const { bytes, share } = this.worst;
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
      pair = { kernel: 0, portal: 0, since: nothing };
      this.#pairs.set(id, pair);
    }
    return pair;
  }
}
