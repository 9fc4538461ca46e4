import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { type Mac, parseMac } from '../../domain/mac.js';
import type { Bus, Unsubscribe } from '../../ports/bus.js';

/** All access points are asked again after this long, in ms: what was missed is known then. */
const everyMs = 30_000;
/** How long hostapd may take to answer, in ms. */
const answerMs = 5_000;
const prefix = 'hostapd.';
/** Notices of hostapd after which a station is not associated any more (OpenWrt's hostapd, src/ap/ubus.c). */
const leaving: readonly string[] = ['disassoc', 'deauth', 'inactive-deauth'];
/** Those after which it may be: keys are exchanged after `assoc`, so hostapd is asked. */
const coming: readonly string[] = ['assoc', 'sta-authorized'];

interface AccessPoint {
  stations: Set<Mac>;
  readonly leave: Promise<Unsubscribe | undefined>;
}

interface Options {
  readonly bus: Bus;
  /** Access points that are none of these, and no port of one, are others'. */
  readonly interfaces: readonly string[];
  /** Monotonic, in ms. */
  readonly now: () => number;
  /** The bridge that an interface is a port of. @default as the kernel says */
  readonly bridgeOf?: (name: string) => string | undefined;
}

/**
 * Which devices are associated with the portal's access points, as hostapd says on ubus. It knows that without a packet
 * to them. Where there is no ubus or no hostapd, nobody is on the air and nobody has left it.
 */
export class Air {
  readonly #options: Options;
  readonly #points = new Map<string, AccessPoint>();
  readonly #left = new Map<Mac, number>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #asking: Promise<void> | undefined;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The device is associated now. */
  has(mac: Mac): boolean {
    for (const { stations } of this.#points.values()) if (stations.has(mac)) return true;
    return false;
  }

  /** When the device left the last access point; undefined for one that is associated, or never was. */
  leftAt(mac: Mac): number | undefined {
    return this.#left.get(mac);
  }

  /** Asks hostapd again where that is due, and waits for nothing. */
  look(): void {
    void this.refresh();
  }

  /** The same; resolves when it has answered or cannot. Never rejects. */
  refresh(): Promise<void> {
    const isDue = this.#isDue || this.#options.now() - this.#askedAt >= everyMs;
    if (!isDue || this.#stopped) return this.#asking ?? Promise.resolve();
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#points.keys()].map((path) => this.#drop(path)));
  }

  async #ask(): Promise<void> {
    const { bus, now } = this.#options;
    this.#isDue = false;
    this.#askedAt = now();
    try {
      const found = new Set((await bus.list(`${prefix}*`)).map(({ path }) => path));
      const paths = [...found].filter((path) => this.#isOurs(path.slice(prefix.length)));
      for (const path of this.#points.keys()) if (!paths.includes(path)) void this.#drop(path);
      await Promise.all(paths.map((path) => this.#askPoint(path)));
    } catch {
      // No ubus now: what was known of associations is not known any more, and nobody has left by that.
      for (const { stations } of this.#points.values()) stations.clear();
    }
    const longAgo = now() - 2 * everyMs;
    for (const [mac, at] of this.#left) if (at < longAgo) this.#left.delete(mac);
  }

  async #askPoint(path: string): Promise<void> {
    if (this.#stopped) return;
    // Before the question: who leaves after the answer is heard.
    const point = this.#points.get(path) ?? this.#follow(path);
    const answer = await this.#options.bus
      .call(path, 'get_clients', {}, { timeoutMs: answerMs })
      .catch(() => undefined);
    const stations = stationsIn(answer);
    if (this.#points.get(path) !== point) return;
    const before = point.stations;
    // Without an answer nobody is known to be there, and nobody has left by that.
    point.stations = stations ?? new Set();
    for (const mac of point.stations) this.#left.delete(mac);
    if (stations) for (const mac of before) this.#noteLeft(mac);
  }

  #follow(path: string): AccessPoint {
    const hear = (type: string, { address }: Readonly<Record<string, unknown>>) =>
      this.#hear(path, type, address);
    const leave = this.#options.bus.subscribe(path, hear).catch(() => undefined);
    const point = { stations: new Set<Mac>(), leave };
    this.#points.set(path, point);
    return point;
  }

  #hear(path: string, type: string, address: unknown): void {
    if (coming.includes(type)) this.#isDue = true;
    const mac = typeof address === 'string' ? parseMac(address) : undefined;
    if (!mac || !leaving.includes(type)) return;
    if (this.#points.get(path)?.stations.delete(mac)) this.#noteLeft(mac);
  }

  #noteLeft(mac: Mac): void {
    if (!this.has(mac)) this.#left.set(mac, this.#options.now());
  }

  async #drop(path: string): Promise<void> {
    const point = this.#points.get(path);
    if (!point) return;
    this.#points.delete(path);
    for (const mac of point.stations) this.#noteLeft(mac);
    await (await point.leave)?.();
  }

  #isOurs(name: string): boolean {
    const { interfaces, bridgeOf = bridgeInKernel } = this.#options;
    const bridge = bridgeOf(name);
    const isOf = (one: string) => one === bridge || one.startsWith(`${bridge}.`);
    return interfaces.some((one) => one === name || (bridge !== undefined && isOf(one)));
  }
}

/** Who is in an answer of `get_clients`; undefined for one that is none. */
function stationsIn(answer: Readonly<Record<string, unknown>> | undefined): Set<Mac> | undefined {
  const { clients } = answer ?? {};
  if (typeof clients !== 'object' || clients === null) return undefined;
  const found = Object.entries(clients as Record<string, { authorized?: unknown } | null>);
  // One that has no key yet, or a wrong one, is nobody.
  return new Set(
    found.flatMap(([text, client]) => (client?.authorized === false ? [] : (parseMac(text) ?? []))),
  );
}

function bridgeInKernel(name: string): string | undefined {
  try {
    return basename(readlinkSync(`/sys/class/net/${name}/master`));
  } catch {
    return undefined;
  }
}
