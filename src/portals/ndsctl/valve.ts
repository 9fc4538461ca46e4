import type { Mac } from '../../domain/mac.js';
import type { GateOutcome, PortalClient, PortalFault, Rates, Reading } from '../../domain/reading.js';
import { deauthCommand, jsonCommand } from './commands.js';
import type { NdsctlKind } from './kind.js';
import { readOne } from './reply.js';

/** Asks the portal one thing. @throws an error with a `code` of {@link PortalFault}. */
export type Ask = (command: string) => Promise<Buffer>;

export interface ValveParts {
  readonly kind: NdsctlKind;
  readonly ask: Ask;
  /** Books what was read of a client, whom we have just let in where `admitted`; undefined when it cannot be counted. */
  readonly observe: (client: PortalClient, admitted: boolean) => readonly Reading[] | undefined;
  /** Whether a restart of the portal may have opened gates that nobody has looked at since. */
  readonly isUnseen: () => boolean;
  /** Notes that the portal does not list a device. */
  readonly unlisted: (mac: Mac) => void;
  /** Waits between tries. */
  readonly pause: (ms: number) => Promise<void>;
}

const tries = 3;
const pauseMs = 100;
/** Addresses of one device that are shut in one turn. */
const mostAddresses = 32;

interface ReadClient extends PortalClient {
  /** There is room to count it. */
  readonly metered: boolean;
}

/** A command or reply that failed: ends the turn. */
class Unanswered extends Error {
  readonly reason: PortalFault;

  constructor(reason: PortalFault, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/**
 * Opens and closes gates, and relies only on what it reads back: the portal answers `No` when a gate is open
 * already, and may forget a client between two commands.
 */
export class Valve {
  readonly #parts: ValveParts;

  constructor(parts: ValveParts) {
    this.#parts = parts;
  }

  /** Lets a device through, on the addresses given or on the one that the portal knows it by. */
  async open(mac: Mac, rates: Rates, addresses: readonly string[], isArrival: boolean): Promise<GateOutcome> {
    const before: Reading[] = [];
    const after: Reading[] = [];
    return this.#turn(before, after, async () => {
      // One address may be asked for by the MAC, which nobody else has got meanwhile: nothing is to be read first.
      const isOne = isArrival && addresses.length <= 1 && (await this.#isShut(mac, before));
      if (isOne && (await this.#admit(mac, rates, before, after))) return { ok: true, before, after };
      let known = false;
      for (const name of addresses.length > 0 ? addresses : [mac]) {
        const client = await this.#read(mac, name, before);
        if (!client) continue;
        if (!client.metered) return unmetered;
        known = true;
        const opened = client.open || (await this.#openOne(mac, name, rates, after));
        if (!opened) return stillShut;
      }
      if (known) return { ok: true, before, after };
      return unlisted;
    });
  }

  /** Shuts a device out on every address under which the portal knows it. */
  async close(mac: Mac, addresses: readonly string[]): Promise<GateOutcome> {
    const before: Reading[] = [];
    const after: Reading[] = [];
    return this.#turn(before, after, async () => {
      for (const address of addresses.slice(0, mostAddresses)) {
        if (!(await this.#closeOne(mac, address, before, after))) return stillOpen;
      }
      // By its MAC the portal finds one address at a time: again until it finds none that is open.
      for (let i = 0; i < mostAddresses; i++) {
        const client = await this.#read(mac, mac, i === 0 ? before : after);
        if (!client?.open) return { ok: true, before, after };
        if (!(await this.#closeOne(mac, client.ip, before, after))) return stillOpen;
      }
      return stillOpen;
    });
  }

  async #turn(
    before: readonly Reading[],
    after: readonly Reading[],
    turn: () => Promise<GateOutcome>,
  ): Promise<GateOutcome> {
    try {
      const outcome = await turn();
      // The ledger has booked these readings, so they must reach the books of the sessions too.
      return outcome.ok ? outcome : { ...outcome, before: [...before, ...after] };
    } catch (cause) {
      if (!(cause instanceof Unanswered)) throw cause;
      return { ok: false, reason: cause.reason, detail: cause.message, before: [...before, ...after] };
    }
  }

  async #openOne(mac: Mac, name: string, rates: Rates, after: Reading[]): Promise<boolean> {
    const { kind } = this.#parts;
    for (let i = 0; i < tries; i++) {
      if (i > 0) await this.#parts.pause(pauseMs * i);
      await this.#ask(kind.auth(name, rates));
      const client = await this.#read(mac, name, after);
      if (client?.open) return true;
    }
    return false;
  }

  /**
   * The gate of an arrival is shut, but for a portal that was started anew and that nobody has looked at since. There it is
   * read: if the answer to `auth` is lost, nobody could tell afterwards who opened it, and what passed would not be billed.
   */
  async #isShut(mac: Mac, before: Reading[]): Promise<boolean> {
    if (!this.#parts.isUnseen()) return true;
    const client = await this.#read(mac, mac, before);
    if (!client) this.#parts.unlisted(mac);
    return !client?.open;
  }

  /**
   * Opens a gate that is shut, at once: what passed it before was read when it was shut. openNDS lets in a device that
   * it does not list, if it is in the kernel's neighbour table (`allow_preemptive_authentication`).
   * @returns whether it is open now; false also when nobody has tried
   */
  async #admit(mac: Mac, rates: Rates, before: Reading[], after: Reading[]): Promise<boolean> {
    const { kind } = this.#parts;
    if (String(await this.#ask(kind.auth(mac, rates))).trim() !== 'Yes') return false;
    const client = await this.#read(mac, mac, after, true);
    if (!client?.open || client.metered) return client?.open === true;
    await this.#closeOne(mac, client.ip, before, after);
    return false;
  }

  async #closeOne(mac: Mac, address: string, before: Reading[], after: Reading[]): Promise<boolean> {
    const client = await this.#read(mac, address, before);
    if (!client?.open) return true;
    for (let i = 0; i < tries; i++) {
      if (i > 0) await this.#parts.pause(pauseMs * i);
      await this.#ask(deauthCommand(address));
      const now = await this.#read(mac, address, after);
      if (!now?.open) return true;
    }
    return false;
  }

  /** Reads one client and books it; undefined when the portal knows none, or another device by this name. */
  async #read(
    mac: Mac,
    name: string,
    readings: Reading[],
    admitted = false,
  ): Promise<ReadClient | undefined> {
    const reply = readOne(this.#parts.kind.dialect, await this.#ask(jsonCommand(name)));
    if (!reply.ok) throw new Unanswered(reply.reason, `the reply about ${name} is ${reply.reason}`);
    if (!reply.client) return undefined;
    const booked = this.#parts.observe(reply.client, admitted);
    readings.push(...(booked ?? []));
    // An address may have gone to another device since the last look: never open or shut that device's gate.
    return reply.client.mac === mac ? { ...reply.client, metered: booked !== undefined } : undefined;
  }

  async #ask(command: string): Promise<Buffer> {
    try {
      return await this.#parts.ask(command);
    } catch (cause) {
      const { code, message } = cause as { code?: PortalFault; message?: string };
      throw new Unanswered(code ?? 'failed', message ?? String(cause));
    }
  }
}

function unchanged(detail: string): GateOutcome {
  return { ok: false, reason: 'unchanged', detail, before: [] };
}

const unmetered: GateOutcome = {
  ok: false,
  reason: 'unmetered',
  detail: 'the portal lists more devices than can be metered',
  before: [],
};
const unlisted: GateOutcome = {
  ok: false,
  reason: 'unknown-client',
  detail: 'the portal does not list this device',
  before: [],
};
const stillShut = unchanged('the portal was told to, and it is still shut');
const stillOpen = unchanged('the portal was told to, and it is still open');
