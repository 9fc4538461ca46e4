import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Book } from '../../src/domain/book.js';
import { lotOf } from '../../src/domain/lot.js';
import type { Mac } from '../../src/domain/mac.js';
import type { Plan } from '../../src/domain/plan.js';
import { newSession, type Session, step } from '../../src/domain/session.js';
import { bytes, millis } from '../../src/domain/units.js';
import { Accounts } from '../../src/engine/accounts.js';
import { nodeDisk } from '../../src/store/disk.js';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/store.js';
import { TestClock } from '../rig/clock.js';
import { type Random, seeded, whole } from '../rig/random.js';

/** A busy router around the clock, each client on sessions of an hour, and a book as after months. */
export const load = {
  clients: 250,
  flushSeconds: 60,
  /** For each client and hour, beside one purchase, its opening, its warning and its end. */
  topUps: 0.5,
  /** Times in an hour that a phone is gone and comes back. */
  naps: 0.5,
  sessionsBefore: 1000,
  keysBefore: 10_000,
};

/**
 * What the journal has on a router that serves so many: a quarter of 128 MiB of SLC NAND, whose makers promise 60,000
 * to 100,000 erase cycles, with wear levelled over it as UBI does. A sync costs the flash two pages beside the bytes:
 * the last one, which is begun and written again, and one for the file's inode.
 */
export const flash = {
  bytes: 32 * 1024 ** 2,
  eraseCycles: 60_000,
  pageBytes: 4096,
  pagesOfSync: 2,
  years: 10,
};

export interface Wear {
  /** Bytes that the store writes, snapshots included. */
  readonly bytesPerHour: number;
  /** Of these, for usage. */
  readonly usageBytesPerHour: number;
  readonly syncsPerHour: number;
  /** Bytes that the flash takes for it. */
  readonly flashBytesPerHour: number;
  /** Share of the erase cycles that so many years use up. */
  readonly lifeUsed: number;
}

const minute = 60_000;
const plan: Plan = {
  id: 'surf_hour',
  title: 'One hour, one gigabyte',
  metric: 'bytes',
  stepSize: 10_000_000,
  prices: [{ currency: 'USD', digits: 5n, scale: 2 }],
  minSteps: 1,
  maxSteps: 1000,
  caps: { millis: millis(2 * 3_600_000) },
  upRate: 5000,
  downRate: 20_000,
  idleTimeout: millis(600_000),
  devices: 1,
  pauseAway: false,
};

/** The store and the accounts of the daemon at work, without a portal and in no time. */
export class Router {
  readonly clock = new TestClock(0);
  readonly accounts: Accounts;
  readonly store: Store;
  readonly #random: Random = seeded(250);
  #sales = 0;
  usageBytes = 0;

  constructor(store: Store) {
    this.store = store;
    const journal = {
      append: (record: { t: string }) => {
        const before = store.stats.bytesWritten;
        store.append(record);
        if (record.t === 'usage') this.usageBytes += store.stats.bytesWritten - before;
      },
      sync: () => store.sync(),
      giveRoom: () => store.giveRoom(),
      demandRoom: () => store.demandRoom(),
      snapshot: (state: object) => store.snapshot(state),
      get wantsSnapshot() {
        return store.wantsSnapshot;
      },
    };
    this.accounts = new Accounts(new Book(), journal, this.clock, () => {}, {
      changed: () => {},
      revoked: () => {},
    });
  }

  /** Fills the book with what is kept of the past. */
  async age(): Promise<void> {
    for (let i = 0; i < load.keysBefore - load.sessionsBefore; i++) {
      this.accounts.book.keys.add(this.#key(), this.#letters(22), [this.#letters(20)], this.clock.wall());
    }
    for (let i = 0; i < load.sessionsBefore; i++) await this.close(await this.buy(i % load.clients));
    await this.accounts.begin({ boot: this.#letters(12), machine: this.#letters(36), rebooted: true });
  }

  async buy(client: number, into?: string): Promise<string> {
    const { mac, at } = { mac: macOf(client), at: this.clock.wall() };
    const key = this.#key();
    const funding = { method: 'cash', reference: `till 2, receipt ${this.#sales}`, paid: price() };
    const lot = lotOf(plan, 100, funding, { at, key });
    const session = () => {
      const old = into === undefined ? undefined : this.accounts.upToDate(into);
      const who = { id: this.#letters(20), mac, gateway: 'lan' };
      return old ? step(old, { type: 'bought', lot }) : newSession(who, lot);
    };
    const sale = await this.accounts.sell(() => ({ session: session(), rivals: [] }), key, this.#letters(22));
    if (!('session' in sale)) throw new Error(sale.message);
    if (into === undefined) await this.#change(sale.session.id, 'opened');
    return sale.session.id;
  }

  move(client: number, session: Session): void {
    const [up, down] = [whole(this.#random, 2_000, 800_000), whole(this.#random, 20_000, 15_000_000)];
    const last = session.baselines[0] ?? { up: 0, down: 0, epoch: whole(this.#random, 0, 2 ** 32 - 1) };
    const baseline = {
      mac: session.mac,
      ip: `10.10.${client >> 8}.${client & 255}`,
      epoch: last.epoch,
      up: bytes(last.up + up),
      down: bytes(last.down + down),
    };
    this.accounts.update(session, { type: 'traffic', up: bytes(up), down: bytes(down), baseline });
  }

  async close(id: string): Promise<void> {
    await this.#change(id, 'low');
    await this.#change(id, 'closing');
    await this.#change(id, 'closed');
  }

  async nap(id: string): Promise<void> {
    await this.#change(id, 'suspended');
    await this.#change(id, 'resumed');
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  async #change(id: string, what: 'opened' | 'resumed' | 'suspended' | 'low' | 'closing' | 'closed') {
    const at = this.clock.wall();
    const events = {
      opened: { type: 'opened', at },
      resumed: { type: 'opened', at },
      suspended: { type: 'away' },
      low: { type: 'low' },
      closing: { type: 'ended', cause: 'data' },
      closed: { type: 'shut', at },
    } as const;
    this.accounts.change(id, events[what], what);
    // As the engine does: what the portal would tell again is not synced by itself.
    if (what === 'opened' || what === 'closing' || what === 'closed') await this.accounts.sync();
  }

  #key(): string {
    this.#sales += 1;
    return `${this.#letters(8)}-${this.#letters(4)}-${this.#letters(4)}-${this.#letters(16)}`;
  }

  #letters(count: number): string {
    const letters = 'abcdefghjkmnpqrstvwxyz0123456789';
    return Array.from({ length: count }, () => letters[whole(this.#random, 0, 31)]).join('');
  }
}

/** Measures what the journal of a busy router writes in an hour of its own time, on average over `hours`. */
export async function measureWear(hours: number): Promise<Wear> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-wear-'));
  let syncs = 0;
  // They are counted: how long this machine's disk takes for one is no part of it.
  const sync = () => {
    syncs += 1;
    return turn();
  };
  const { store } = await openStore({ directory, disk: { ...nodeDisk, sync } });
  try {
    const router = new Router(store);
    await router.age();
    const before = { written: store.stats.bytesWritten, usage: router.usageBytes, syncs };
    await work(router, hours);
    return wearOf(
      (store.stats.bytesWritten - before.written) / hours,
      (router.usageBytes - before.usage) / hours,
      (syncs - before.syncs) / hours,
    );
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function wearOf(bytesPerHour: number, usageBytesPerHour: number, syncsPerHour: number): Wear {
  const flashBytesPerHour = bytesPerHour + syncsPerHour * flash.pagesOfSync * flash.pageBytes;
  const written = flashBytesPerHour * 24 * 365.25 * flash.years;
  return {
    bytesPerHour: Math.round(bytesPerHour),
    usageBytesPerHour: Math.round(usageBytesPerHour),
    syncsPerHour: Math.round(syncsPerHour),
    flashBytesPerHour: Math.round(flashBytesPerHour),
    lifeUsed: Number((written / (flash.bytes * flash.eraseCycles)).toFixed(3)),
  };
}

/** Lets that many hours go by, with sessions of so many minutes. */
export async function work(router: Router, hours: number, minutes = 60): Promise<void> {
  const { accounts, clock } = router;
  const ids: string[] = [];
  for (let client = 0; client < load.clients; client++) ids.push(await router.buy(client));
  for (let at = 1; at <= hours * 60; at++) {
    clock.now += minute;
    for (let client = 0; client < load.clients; client++) {
      const id = ids[client]!;
      router.move(client, accounts.upToDate(id)!);
      if (router.chance(load.naps / 60)) await router.nap(id);
      if (router.chance(load.topUps / 60)) await router.buy(client, id);
      if ((at + client) % minutes > 0) continue;
      await router.close(id);
      ids[client] = await router.buy(client);
    }
    if (at % (load.flushSeconds / 60) === 0) await accounts.flush();
  }
}

const price = () => ({ currency: 'USD', decimals: 2, amount: 500n });
const macOf = (client: number) =>
  `3c:22:fb:${[client >> 8, client & 255, 17].map((n) => n.toString(16).padStart(2, '0')).join(':')}` as Mac;
