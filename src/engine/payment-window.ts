import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import { type PayOrder, windowKey } from '../domain/pay-order.js';
import { isUsable } from '../domain/session.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { Log } from '../ports/log.js';
import type { Bill } from '../ports/payment-method.js';
import type { Result } from '../ports/result.js';
import type { Commands } from './commands.js';
import type { Engine } from './engine.js';

/** A provider that says when an order is paid, and what customers may do until then. */
export interface Hook {
  readonly name: string;
  readonly currencies: ReadonlyMap<string, number>;
  /** Access while the money is on its way; absent for none. */
  readonly windowTime?: Millis;
  readonly windowData: Bytes;
  /** Windows of all devices in an hour. */
  readonly windows: number;
  /** Whether it can be paid with now. @default true */
  readonly isReady?: boolean;
  /** This router's name, where a hub takes the provider's messages: it stands in the numbers of orders. */
  readonly router?: string;
  /** Makes what the customer pays with; absent where the id of the order is enough. */
  bill?(order: { id: string; mac: Mac; steps: number; price: Money }): Promise<Result<Bill>>;
}

const hourMs = 3_600_000;

/** Access for as long as a customer pays with an app: a grant, which ends when the money is there, or by itself. */
export class PaymentWindow {
  readonly #engine: Engine;
  readonly #commands: Commands;
  readonly #log: Log;

  constructor(engine: Engine, commands: Commands, log: Log) {
    this.#engine = engine;
    this.#commands = commands;
    this.#log = log;
  }

  /** Whether a device may have a window now. @param orders all that are kept. @param now wall clock, ms since 1970 */
  mayOpen(hook: Hook, mac: Mac, orders: readonly PayOrder[], now: number): boolean {
    if (hook.windowTime === undefined) return false;
    if (this.#engine.accounts.book.runningOfMac(mac).length > 0) return false;
    const recent = orders.filter(({ hasWindow, at }) => hasWindow && Math.abs(now - at) < hourMs);
    const ofHook = recent.filter((order) => order.hook === hook.name);
    return ofHook.length < hook.windows && !recent.some((order) => order.mac === mac);
  }

  async open({ windowTime, windowData }: Hook, order: PayOrder): Promise<void> {
    const { id, mac, gateway } = order;
    const opened = await this.#commands.grant({
      ...{ mac, key: windowKey(order), reason: `window of order ${id}`, bytes: windowData },
      ...(windowTime !== undefined && { millis: windowTime }),
      ...(gateway !== undefined && { gateway }),
    });
    if (!opened.ok) this.#log('info', `order ${id} has no window: ${opened.message}`);
  }

  /** Ends it, unless more was added to its session meanwhile. */
  async close(order: PayOrder): Promise<void> {
    const [session] = this.#engine.accounts.book.keys.get(windowKey(order))?.sessions ?? [];
    const open = session === undefined ? undefined : this.#engine.accounts.book.get(session);
    if (open && isUsable(open) && open.lots.length === 1) await this.#commands.close(open.id, 'user');
  }
}
