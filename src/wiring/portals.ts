import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { nodogsplash, opennds } from '../domain/dialect.js';
import type { Engine } from '../engine/engine.js';
import type { PortalSetup } from '../engine/parts.js';
import { Cadence } from '../portals/metering/cadence.js';
import type { MeterPool } from '../portals/metering/pool.js';
import { Gateway } from '../portals/ndsctl/portal.js';
import type { ControlTarget } from '../portals/ndsctl/socket.js';
import { usualSocket } from '../portals/opennds/usual-socket.js';
import type { GatewayConfig } from './schema.js';

interface Running {
  /** The configuration that it was made with. */
  readonly made: string;
  readonly gateway: Gateway;
}

/** Keeps the portals that are configured at work, and no others. */
export class Gateways {
  readonly #engine: Engine;
  readonly #pool: MeterPool;
  readonly #running = new Map<string, Running>();

  constructor(engine: Engine, pool: MeterPool) {
    this.#engine = engine;
    this.#pool = pool;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Takes up, replaces and lets go of portals until they are as configured; resolves after the first look at each. */
  async apply(configs: readonly GatewayConfig[]): Promise<void> {
    const same = (g: GatewayConfig) => this.#running.get(g.name)?.made === JSON.stringify(g);
    const kept = new Set(configs.filter(same).map(({ name }) => name));
    const changed = configs.filter(({ name }) => !kept.has(name));
    for (const name of [...this.#running.keys()]) {
      if (!kept.has(name)) await this.#drop(name, !configs.some((g) => g.name === name));
    }
    await this.#engine.watch(changed.map((config) => this.#add(config)));
  }

  /** Ends what is under way; gates stay as they are. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ gateway }) => gateway.stop()));
  }

  #add(config: GatewayConfig): PortalSetup {
    const { name, exclusive, doubleMac, restart } = config;
    const gateway = this.#build(config);
    const cadence = new Cadence({
      minMs: config.pollMin,
      maxMs: config.pollMax,
      share: config.pollShare / 100,
    });
    this.#running.set(name, { made: JSON.stringify(config), gateway });
    const setup = { portal: gateway, cadence, exclusive, doubleMac };
    return restart === undefined ? setup : { ...setup, restart: () => restartPortal(restart) };
  }

  async #drop(name: string, forGood: boolean): Promise<void> {
    const { gateway } = this.#running.get(name)!;
    this.#running.delete(name);
    if (forGood) await this.#engine.leave(name);
    await Promise.all([this.#engine.unwatch(name), gateway.stop()]);
  }

  #build({ name, type, transport, command, socket }: GatewayConfig): Gateway {
    const dialect = type === 'opennds' ? opennds : nodogsplash;
    const target: ControlTarget =
      transport === 'command' ? { transport, file: command } : { transport, path: socket ?? usualSocket() };
    const meter = this.#pool.meter({ target, dialect });
    // Where the kernel keeps to the rates the portal's own would only be in the way of a change.
    return new Gateway({ name, target, dialect, meter, tellRates: this.#engine.backstop === undefined });
  }
}

async function restartPortal(file: string): Promise<void> {
  await promisify(execFile)(file, ['restart'], { timeout: 60_000 });
}
