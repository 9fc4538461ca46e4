// What may happen to a router, as plain data: a script can be printed, cut down and run again.
import { type Random, whole } from '../rig/random.js';
import { type Mood, moods } from './gatehouse.js';
import { offers } from './offers.js';
import type { Death, DiskFault } from './router.js';

type Place = 'lan' | 'guest';

/** `who`: a device. Counters of bytes are in the units of the portal's dialect. */
export type Operation =
  | {
      do: 'buy';
      who: number;
      plan: string;
      steps: number;
      user?: string;
      at?: string;
      currency?: string;
      twice: boolean;
    }
  | {
      do: 'grant';
      who: number;
      plan?: string;
      steps: number;
      bytes?: number;
      seconds?: number;
      user?: string;
      at?: string;
    }
  | { do: 'login'; who: number; user: string; knows: boolean }
  | { do: 'print'; plan: string; steps: number; count: number; single: boolean; valid?: number }
  | { do: 'redeem'; who: number; voucher: number; user?: string }
  | { do: 'void'; voucher: number; batch: boolean }
  | { do: 'repeat'; order: number; changed: boolean }
  | { do: 'close'; who: number; reason: string }
  | { do: 'logout'; user: string; keyed: boolean }
  | { do: 'carry'; who: number; up: number; down: number }
  | { do: 'pass'; ms: number }
  | { do: 'join'; who: number; at: Place }
  | { do: 'leave'; who: number }
  | { do: 'reload'; offer: number; faulty: boolean }
  | { do: 'mood'; at: Place; mood: Mood }
  | { do: 'restart'; at: Place; inOrder: boolean }
  | { do: 'disk'; fault?: Omit<DiskFault, 'times'> & { times: number }; room?: number }
  | { do: 'kill'; how: Death; calls: number; off: number; busy: number }
  | { do: 'quiet' };

const users = ['ada', 'bob'];
/** `nowhere` is a portal that is not configured. */
const places = ['lan', 'guest', 'nowhere'];
const calls = ['write', 'sync', 'create', 'rename', 'remove', 'syncDirectory', 'truncate'];
const reasons = ['admin', 'user', 'payment-reversed', 'payment-failed'];

/** Devices. */
export const devices = 5;

/** A script of so many operations, with a quiet moment now and then and at the end. */
export function script(random: Random, length: number): Operation[] {
  const draw = new Draw(random);
  const operations: Operation[] = [];
  while (operations.length < length - 1)
    operations.push(operations.length % 30 === 29 ? { do: 'quiet' } : draw.operation());
  return [...operations, { do: 'quiet' }];
}

class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  operation(): Operation {
    const table: readonly [number, () => Operation][] = [
      [12, () => this.#buy()],
      [3, () => this.#grant()],
      [2, () => ({ do: 'login', who: this.#who(), user: this.#of(users), knows: !this.#in(20) })],
      [2, () => this.#print()],
      [6, () => ({ do: 'redeem', who: this.#who(), voucher: this.#upTo(9), ...this.#user() })],
      [1, () => ({ do: 'void', voucher: this.#upTo(9), batch: this.#in(3) })],
      [2, () => ({ do: 'repeat', order: this.#upTo(9), changed: this.#in(4) })],
      [4, () => ({ do: 'close', who: this.#who(), reason: this.#of(reasons) })],
      [1, () => ({ do: 'logout', user: this.#of(users), keyed: this.#in(2) })],
      [30, () => ({ do: 'carry', who: this.#who(), up: this.#upTo(6), down: this.#upTo(12) })],
      [20, () => ({ do: 'pass', ms: this.#time() })],
      [5, () => ({ do: 'join', who: this.#who(), at: this.#of(['lan', 'guest'] as const) })],
      [2, () => ({ do: 'leave', who: this.#who() })],
      [2, () => ({ do: 'reload', offer: this.#upTo(offers.length - 1), faulty: this.#in(5) })],
      [3, () => ({ do: 'mood', at: this.#of(['lan', 'guest'] as const), mood: this.#of(moods) })],
      [2, () => ({ do: 'mood', at: this.#of(['lan', 'guest'] as const), mood: 'well' })],
      [1, () => ({ do: 'restart', at: this.#of(['lan', 'guest'] as const), inOrder: this.#in(2) })],
      [3, () => this.#disk()],
      [3, () => this.#kill()],
    ];
    let left = this.#random() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of table) {
      left -= weight;
      if (left < 0) return make();
    }
    return { do: 'quiet' };
  }

  #buy(): Operation {
    const plan = this.#in(20) ? 'no-such-plan' : this.#of(offers[0]!.plans).id;
    const currency = this.#in(4) ? { currency: this.#of(['EUR', 'USD']) } : {};
    const steps = this.#in(15) ? 51 : 1 + this.#upTo(3);
    return {
      do: 'buy',
      who: this.#who(),
      plan,
      steps,
      twice: this.#in(8),
      ...this.#user(),
      ...this.#at(),
      ...currency,
    };
  }

  #grant(): Operation {
    const base = {
      do: 'grant',
      who: this.#who(),
      steps: 1 + this.#upTo(1),
      ...this.#user(),
      ...this.#at(),
    } as const;
    if (this.#in(3)) return { ...base, plan: this.#of(offers[0]!.plans).id };
    const bytes = { bytes: 1 + this.#upTo(20_000) };
    const seconds = { seconds: 1 + this.#upTo(90) };
    return { ...base, ...this.#of([bytes, seconds, { ...bytes, ...seconds }]) };
  }

  #print(): Operation {
    const plan = this.#of(offers[0]!.plans).id;
    const valid = this.#in(3) ? { valid: 60 + this.#upTo(600) } : {};
    const order = { steps: 1 + this.#upTo(2), count: 1 + this.#upTo(2), single: this.#in(2), ...valid };
    return { do: 'print', plan, ...order };
  }

  #disk(): Operation {
    if (this.#in(3)) return { do: 'disk', room: this.#upTo(6_000) };
    if (this.#in(3)) return { do: 'disk' };
    const code = this.#of(['EIO', 'ENOSPC'] as const);
    return { do: 'disk', fault: { call: this.#of(calls), code, times: this.#of([1, 2, 5, 1_000_000]) } };
  }

  #kill(): Operation {
    const when = { calls: this.#in(4) ? 0 : this.#upTo(25), off: this.#of([0, 500, 30_000, 300_000]) };
    return { do: 'kill', how: this.#in(3) ? 'power' : 'kill', ...when, busy: this.#upTo(4) };
  }

  #user(): { user?: string } {
    return this.#in(3) ? { user: this.#of(users) } : {};
  }

  #at(): { at?: string } {
    return this.#in(4) ? { at: this.#of(places) } : {};
  }

  #time(): number {
    return this.#of([
      () => this.#upTo(400),
      () => this.#upTo(5_000),
      () => this.#upTo(5_000),
      () => this.#upTo(60_000),
    ])();
  }

  #who(): number {
    return 1 + this.#upTo(devices - 1);
  }

  #upTo(most: number): number {
    return whole(this.#random, 0, most);
  }

  #in(n: number): boolean {
    return this.#random() * n < 1;
  }

  #of<T>(all: readonly T[]): T {
    return all[this.#upTo(all.length - 1)]!;
  }
}
