import type { Table } from 'openwrt-ubus';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { type Random, whole } from '../rig/random.js';
import { until } from '../rig/until.js';

const stepBytes = 64_000;
/** What a client moves in one tick, at the most: 1 KiB is the unit of the portal's counters. */
const mostUnits = 400;
const topUpShare = 0.1;

/** People who come, buy, use, top up, leave and come back. */
export class Crowd {
  readonly macs: readonly Mac[];
  /** By code: purchases and closes that were refused. */
  readonly refusals: Record<string, number> = {};
  sold = 0;
  #keys = 0;
  #underWay = 0;
  readonly #portal: SimulatedPortal;
  readonly #daemon: DaemonProcess;
  readonly #random: Random;

  constructor(size: number, portal: SimulatedPortal, daemon: DaemonProcess, random: Random) {
    this.macs = Array.from({ length: size }, (_, n) => {
      const [high, low] = [n >> 8, n & 255].map((b) => b.toString(16).padStart(2, '0'));
      return `02:50:00:00:${high}:${low}` as Mac;
    });
    this.#portal = portal;
    this.#daemon = daemon;
    this.#random = random;
  }

  /** A moment in the life of some of them. */
  tick(): void {
    for (const mac of this.#portal.openMacs()) {
      if (this.#random() < 0.1) {
        this.#portal.carry(mac, whole(this.#random, 0, 20) * 1024, whole(this.#random, 1, mostUnits) * 1024);
      }
    }
    for (let n = 0; n < 4 && this.#underWay < 32; n++)
      void this.#act(whole(this.#random, 0, this.macs.length - 1));
  }

  /** Orders so far. */
  get orders(): number {
    return this.#keys;
  }

  /** Resolves when every answer has come. */
  async rest(): Promise<void> {
    await until('every answer', () => this.#underWay === 0);
  }

  async #act(n: number): Promise<void> {
    const mac = this.macs[n]!;
    const dice = this.#random();
    this.#underWay += 1;
    try {
      if (dice < 0.1) this.#portal.leave(mac);
      else if (dice < 0.15) await this.#call('close', { mac, reason: 'user' });
      else await this.#buy(mac, n);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #buy(mac: Mac, n: number): Promise<void> {
    // Who still has something buys more only now and then.
    if (this.#portal.isOpen(mac) && this.#random() > topUpShare) return;
    this.#portal.join(mac, `10.50.${n >> 8}.${n & 255}`);
    this.#keys += 1;
    const steps = whole(this.#random, 1, 200);
    const payment = { method: 'cash', reference: 'till' };
    const order = { mac, plan: 'data', steps, payment, idempotency_key: `soak${this.#keys}`, gateway: 'lan' };
    const reply = await this.#call('purchase', order);
    if (reply.error === undefined) this.sold += steps * stepBytes;
  }

  async #call(method: string, args: Table): Promise<Table> {
    const reply = await this.#daemon.call(method, args);
    const code = (reply.error as Table | undefined)?.code;
    if (typeof code === 'string') this.refusals[code] = (this.refusals[code] ?? 0) + 1;
    return reply;
  }
}
