import type { Carry } from '../domain/carries.js';
import type { Mac } from '../domain/mac.js';
import { refuse } from '../domain/refuse.js';
import { isAsked, isAuthorized, isUsable, type Session } from '../domain/session.js';
import type { Refusal, Result } from '../ports/result.js';
import type { Attempts } from './attempts.js';
import { newCode, printCode, readCode } from './code.js';
import { digestOf } from './digest.js';
import type { Engine } from './engine.js';
import { once } from './once.js';
import { patienceMs } from './patience.js';
import { stored } from './till.js';

/** How long a code is good, in ms: to type it on the other device. */
const lifeMs = 15 * 60_000;
/** How long the first device is shut out while its session goes, in ms: longer than that takes. */
const blockMs = 60_000;

const unknownCarry = refuse('unknown_carry', 'there is no such code, or it was used, or its time is over');
const notNow = refuse('busy', 'the gate of the other device does not shut yet: try again');

/** A code as its owner sees it, once. */
export interface NewCarry {
  readonly code: string;
  readonly session: Session;
  /** Wall clock, ms since 1970. */
  readonly until: number;
}

/** Carries a session, with all that is left in it, to another device or to a new address of the same one. */
export class CarryDesk {
  readonly #engine: Engine;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #hash: (code: string) => string;
  readonly #attempts: Attempts;
  /** Sessions that are on their way. */
  readonly #moving = once();

  /** `attempts`: wrong codes, those of vouchers with them. */
  constructor(
    engine: Engine,
    random: (bytes: number) => Uint8Array,
    hash: (code: string) => string,
    attempts: Attempts,
  ) {
    this.#engine = engine;
    this.#random = random;
    // Never the hash of a voucher's code.
    this.#hash = (code) => hash(`carry ${code}`);
    this.#attempts = attempts;
  }

  /** Makes a code for a session. An older code of it is worth nothing from then on. */
  create(id: string): Promise<Result<NewCarry>> {
    const { accounts, clock } = this.#engine;
    return stored(async () => {
      const session = accounts.upToDate(id);
      const wrong = whyNot(session);
      if (wrong || !session) return wrong ?? unknownCarry;
      const code = newCode(this.#random);
      const at = clock.wall();
      const carry: Carry = { session: id, hash: this.#hash(code), until: at + lifeMs };
      accounts.noteCarry(carry);
      await accounts.sync();
      return { ok: true, value: { code: printCode(code), session, until: carry.until } };
    });
  }

  /** Carries the session of a code to a device. The same device again has the same answer. */
  redeem(typed: string, mac: Mac): Promise<Result<Session>> {
    const { accounts, clock } = this.#engine;
    const refused = this.#attempts.tooMany(mac, clock);
    if (refused && !this.#attempts.isSpared(mac, clock.mono())) return Promise.resolve(refused);
    return stored(async () => {
      const code = readCode(typed);
      const carry = code && accounts.book.carries.find(this.#hash(code), clock.wall());
      if (!carry) {
        this.#attempts.failed(mac, clock.mono());
        return refused ?? unknownCarry;
      }
      if (carry.usedBy !== undefined) return this.#again(carry, mac);
      return this.#moving(carry.session, digestOf(mac), () => this.#move(carry, mac)) ?? notNow;
    });
  }

  #again({ session: id, usedBy }: Carry, mac: Mac): Result<Session> {
    const session = this.#engine.accounts.upToDate(id);
    return session && usedBy === mac && session.mac === mac ? { ok: true, value: session } : unknownCarry;
  }

  async #move(carry: Carry, mac: Mac): Promise<Result<Session>> {
    const { accounts, watches, kernelWatch } = this.#engine;
    const session = accounts.upToDate(carry.session);
    const wrong = this.#wrong(session, mac);
    if (wrong || !session) return wrong ?? unknownCarry;
    const watch = watches.of(session);
    if (!watch?.health.isUp || watch.gates.isBlocked(session.mac)) return notNow;
    // The first device is out, in the kernel and at its portal, and all that it moved is billed.
    watch.gates.block(session.mac, blockMs);
    try {
      await kernelWatch?.syncDevice(session.mac);
      await this.#engine.atRest(session, patienceMs);
      await kernelWatch?.finish(session.id);
      const now = accounts.upToDate(session.id);
      // A reload may have put another watch in the place of the one that shut it.
      const isShut = watches.of(session) === watch && !watch.gates.mayBeOpen(session.mac);
      const hindered = this.#wrong(now, mac) ?? (isShut && now?.mac === session.mac ? undefined : notNow);
      if (hindered) return hindered;
      accounts.change(session.id, { type: 'carried', mac }, 'carried');
      await accounts.sync();
    } finally {
      watch.gates.block(session.mac, 0);
    }
    return { ok: true, value: await this.#letIn(session.id) };
  }

  async #letIn(id: string): Promise<Session> {
    const { accounts } = this.#engine;
    const session = accounts.upToDate(id)!;
    this.#engine.reconcile(session);
    await this.#engine.atRest(session, patienceMs);
    return accounts.upToDate(id)!;
  }

  #wrong(session: Session | undefined, mac: Mac): Refusal | undefined {
    const own = this.#engine.accounts.book.runningOfMac(mac);
    const isOther = own.some(({ id }) => id !== session?.id);
    if (isOther) return refuse('session_running', 'the device has a session of its own: close it first');
    return whyNot(session);
  }
}

/** Why a session cannot be carried. */
function whyNot(session: Session | undefined): Refusal | undefined {
  if (!session || !isUsable(session) || isAsked(session)) {
    return refuse('unknown_session', 'no session runs that could be carried');
  }
  if (!isAuthorized(session)) return undefined;
  return refuse(
    'authorized_elsewhere',
    'a server decides on this session, and knows its device: log in there',
  );
}
