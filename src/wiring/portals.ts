import { execFile } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { GatewayConfig } from '../config/sections.js';
import { nodogsplash, opennds } from '../domain/dialect.js';
import type { Engine } from '../engine/engine.js';
import type { PortalSetup } from '../engine/parts.js';
import { Cadence } from '../portals/metering/cadence.js';
import type { MeterPool } from '../portals/metering/pool.js';
import { Gateway } from '../portals/ndsctl/portal.js';
import type { ControlTarget } from '../portals/ndsctl/socket.js';

/** `f_type` of a tmpfs (magic.h). openNDS puts its socket into the first of these that is one. */
const tmpfsMagic = 0x01021994;
const openndsPlaces = ['/tmp', '/run', '/var'];

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
      transport === 'command'
        ? { transport, file: command }
        : { transport, path: socket ?? usualSocket(type) };
    const meter = this.#pool.meter({ target, dialect });
    const tellRates = () => this.#engine.backstop?.state !== 'on';
    return new Gateway({ name, target, dialect, meter, tellRates });
  }
}

async function restartPortal(file: string): Promise<void> {
  await promisify(execFile)(file, ['restart'], { timeout: 60_000 });
}

/** Where a portal of this kind has its control socket when its configuration does not say. */
export function usualSocket(type: GatewayConfig['type']): string {
  if (type === 'nodogsplash') return '/tmp/ndsctl.sock';
  const place = openndsPlaces.find((dir) => existsSync(dir) && statfsSync(dir).type === tmpfsMagic);
  return `${place ?? openndsPlaces[0]}/ndsctl.sock`;
}
