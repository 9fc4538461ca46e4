import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Mac } from '../domain/mac.js';
import type { Engine } from '../engine/engine.js';
import type { PortalSetup } from '../engine/parts.js';
import { Cadence } from '../portals/metering/cadence.js';
import type { PortalParts } from '../portals/parts.js';
import type { PortalConfig, RunningPortal } from '../ports/portal.js';
import { BusLine } from './bus-line.js';
import { leaseFile } from './lease-file.js';
import type { Members } from './members.js';
import { Turns } from './turns.js';

interface Running {
  /** The configuration that it was made with. */
  readonly made: string;
  readonly portal: RunningPortal;
}

/** Keeps the portals that are configured at work, and no others. */
export class Portals {
  readonly #engine: Engine;
  readonly #members: Members['portals'];
  readonly #parts: PortalParts;
  readonly #line: BusLine;
  readonly #running = new Map<string, Running>();
  readonly #turns = new Turns();

  /** @param socket ubusd's, @default where OpenWrt has it */
  constructor(
    engine: Engine,
    members: Members['portals'],
    { socket, ...parts }: Omit<PortalParts, 'leaseFile' | 'bus'> & { readonly socket: string | undefined },
  ) {
    this.#engine = engine;
    this.#members = members;
    this.#line = new BusLine(socket);
    this.#parts = { ...parts, leaseFile, bus: () => this.#line.bus };
  }

  get size(): number {
    return this.#running.size;
  }

  /** What a device that is there calls itself, as the first portal that knows it says. */
  nameOf(mac: Mac): string | undefined {
    for (const { portal } of this.#running.values()) {
      const name = portal.nameOf?.(mac);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** Takes up, replaces and lets go of portals until they are as configured; resolves after the first look at each. */
  apply(configs: readonly PortalConfig[]): Promise<void> {
    return this.#turns.run(async () => {
      const same = (g: PortalConfig) => this.#running.get(g.name)?.made === JSON.stringify(g);
      const kept = new Set(configs.filter(same).map(({ name }) => name));
      const changed = configs.filter(({ name }) => !kept.has(name));
      for (const name of [...this.#running.keys()]) {
        if (!kept.has(name)) await this.#drop(name, !configs.some((g) => g.name === name));
      }
      await this.#engine.watch(changed.map((config) => this.#add(config)));
    });
  }

  /** Ends what is under way; gates stay as they are. */
  stop(): Promise<void> {
    return this.#turns.run(async () => {
      const ends = [...this.#running.values()].map(({ portal }) => portal.stop());
      // Beside them: whoever does not answer on ubus would be waited for.
      await Promise.all([...ends, this.#line.close()]);
    });
  }

  #add(config: PortalConfig): PortalSetup {
    const { name, type, exclusive, doubleMac, restart } = config;
    const portal = this.#members[type]!.build(config, this.#parts);
    const cadence = new Cadence({
      minMs: config.pollMin,
      maxMs: config.pollMax,
      share: config.pollShare / 100,
    });
    this.#running.set(name, { made: JSON.stringify(config), portal });
    const setup = { portal, cadence, exclusive, doubleMac };
    return restart === undefined ? setup : { ...setup, restart: () => restartPortal(restart) };
  }

  async #drop(name: string, forGood: boolean): Promise<void> {
    const { portal } = this.#running.get(name)!;
    this.#running.delete(name);
    if (forGood) await this.#engine.leave(name);
    await Promise.all([this.#engine.unwatch(name), portal.stop()]);
  }
}

async function restartPortal(file: string): Promise<void> {
  await promisify(execFile)(file, ['restart'], { timeout: 60_000 });
}
