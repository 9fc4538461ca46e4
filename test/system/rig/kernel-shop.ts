import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import * as assert from 'uvu/assert';
import { type DaemonProcess, type ProcessOptions, shop, startProcess } from '../../rig/daemon.js';
import { until } from '../../rig/until.js';
import { arrived, countArrivals, crossed } from './arrivals.js';
import type { Client } from './client.js';
import { ownShop, pagePort } from './own-shop.js';
import { ask } from './portal.js';
import { type Rig, type RigOptions, startRig } from './rig.js';
import type { Room } from './room.js';

export interface KernelShopOptions extends RigOptions {
  /** More options of the portal's section, a line each. */
  readonly gateway?: readonly string[];
  /**
   * More sections of the configuration, also by what is in the web server's room before the daemon starts; the daemon is
   * in the gateway's network then.
   */
  readonly sections?: string | ((wan: Room) => Promise<string>);
}

/** A rig with turnpike at its gateway, which keeps its table in the gateway's kernel. */
export class KernelShop {
  readonly rig: Rig;
  readonly daemon: DaemonProcess;
  readonly #nft: { remove(): void };
  #keys = 0;

  private constructor(rig: Rig, daemon: DaemonProcess, nft: { remove(): void }) {
    this.rig = rig;
    this.daemon = daemon;
    this.#nft = nft;
  }

  static async open({ gateway = [], sections, ...options }: KernelShopOptions): Promise<KernelShop> {
    const rig = await startRig(options);
    try {
      const nft = nftIn(rig.gateway);
      await countArrivals(rig.rooms[1]!, rig.clients);
      const options = { nft: nft.file, ...(sections !== undefined && { network: rig.gateway.pid }) };
      const written = typeof sections === 'function' ? await sections(rig.rooms[1]!) : sections;
      const daemon = await startAt(rig, gateway, options, written);
      return new KernelShop(rig, daemon, nft);
    } catch (error) {
      console.error(error);
      await rig.stop();
      throw error;
    }
  }

  /** Has the portal know the client, and sells it something. @returns the session's id */
  async sell(client: Client, steps: number, plan = 'data'): Promise<string> {
    await client.register();
    return this.topUp(client, steps, plan);
  }

  async topUp(client: Client, steps: number, plan = 'data'): Promise<string> {
    this.#keys += 1;
    const payment = { method: 'cash', reference: 'system test' };
    const order = { mac: client.mac, plan, steps, payment, idempotency_key: `k${this.#keys}` };
    const sold = await this.daemon.call('purchase', order);
    assert.is(sold.error, undefined, JSON.stringify(sold) + this.daemon.log());
    const isActive = async () => (await this.session(sold.id)).state === 'active';
    await until('the gate is open', isActive, () => this.#seen());
    return String(sold.id);
  }

  /** What turnpike and the portal say, for the report of a failure. */
  async #seen(): Promise<unknown> {
    const { gateways } = await this.daemon.call('status');
    const lists = this.rig.socket && (await ask(this.rig.socket, 'json').catch(String));
    return { gateways, lists, said: this.rig.portalLog().slice(-2_000) };
  }

  session(id: unknown): Promise<Table> {
    return this.daemon.call('session', { id });
  }

  /** Bytes that a session is billed. */
  async billed(id: unknown): Promise<number> {
    const { up_bytes, down_bytes } = await this.session(id);
    return Number(up_bytes) + Number(down_bytes);
  }

  /** Ends a session, when `id` is still running. @returns what it was billed, to its end */
  async end(id: string): Promise<number> {
    const { state } = await this.session(id);
    if (state === 'active' || state === 'suspended') await this.daemon.call('close', { id });
    await this.ended(id);
    return this.billed(id);
  }

  /** Resolves with the notice of a session's end. */
  async ended(id: string): Promise<Table> {
    return (await this.daemon.hear(({ type, data }) => type === 'session.closed' && data.id === id)).data;
  }

  /** Octets of a client's that crossed the gateway. */
  crossed(client: Client): Promise<number> {
    return crossed(this.rig.rooms[1]!, client);
  }

  /** Octets of a client's that arrived at the web server. */
  arrived(client: Client): Promise<number> {
    return arrived(this.rig.rooms[1]!, client);
  }

  /** Resolves when nothing of a client's is on its way any more: the web server ends a connection when it comes to it. */
  async atRest(client: Client): Promise<void> {
    let [before, same] = [-1, 0];
    await until('nothing on its way', async () => {
      const now = await this.crossed(client);
      same = now === before ? same + 1 : 0;
      before = now;
      return same >= 10;
    });
  }

  async status(): Promise<Table> {
    return (await this.daemon.call('status')).backstop as Table;
  }

  /** Runs nft at the gateway, as somebody else. */
  nft(script: string): Promise<string> {
    return this.rig.gateway.run('nft', ['-f', '-'], script);
  }

  async close(): Promise<void> {
    await this.daemon.close();
    await this.rig.stop();
    this.#nft.remove();
  }
}

/** Starts a daemon that sells at the rig's gate, whoever keeps it. @param gateway more options of the portal's section */
export function startAt(
  rig: Rig,
  gateway: readonly string[],
  options: ProcessOptions,
  sections = '',
): Promise<DaemonProcess> {
  const { kind } = rig;
  if (!('isOwn' in kind))
    return startProcess(`${shop(rig.socket, gateway, kind.dialect.name)}${sections}`, options);
  const inside = { page: pagePort, network: rig.gateway.pid };
  return startProcess(`${ownShop(gateway.map((one) => `option ${one}`))}${sections}`, {
    ...options,
    ...inside,
  });
}

/** A program that is nft in this room. */
export function nftIn(room: Room): { readonly file: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(dir, 'nft');
  writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${room.pid} --net -- nft "$@"\n`);
  chmodSync(file, 0o755);
  return { file, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
