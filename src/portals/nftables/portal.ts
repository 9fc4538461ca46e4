import type { NeighbourResult } from '../../../workers/contract.js';
import type { Mac } from '../../domain/mac.js';
import type { GateOutcome, PollOutcome, Rates, Reading } from '../../domain/reading.js';
import type { KernelGate } from '../../ports/kernel.js';
import type { RunningPortal } from '../../ports/portal.js';
import type { Air } from './air.js';
import { Devices } from './devices.js';

export interface NftablesPortalOptions {
  readonly name: string;
  /** Undefined where nothing stands in the kernel: then there is no gate at all. */
  readonly gate: KernelGate | undefined;
  /** A device that was not heard for this long has left, in ms. */
  readonly awayMs: number;
  /** What access points say; undefined where nobody is asked. */
  readonly air?: Pick<Air, 'look' | 'has' | 'leftAt' | 'stop'>;
  /** Reads the kernel's neighbours on the portal's interfaces. */
  readonly look: () => Promise<NeighbourResult>;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

const noTable = 'the table in the kernel is not there: see backstop in status';

/**
 * turnpike's own portal. Its gates are those of the table in the kernel, which the engine keeps: this one says who is
 * there, and whether the table lets them pass. It counts nothing, for the table does.
 */
export class NftablesPortal implements RunningPortal {
  readonly name: string;
  readonly #options: NftablesPortalOptions;
  readonly #devices: Devices;

  constructor(options: NftablesPortalOptions) {
    this.name = options.name;
    this.#options = options;
    const { gate, air, awayMs } = options;
    this.#devices = new Devices(awayMs, {
      passes: (mac) => gate?.passes(mac) ?? false,
      sent: (mac) => gate?.sent(mac) ?? 0,
      isOnAir: (mac) => air?.has(mac) ?? false,
      leftAirAt: (mac) => air?.leftAt(mac),
    });
  }

  restore(): void {
    // The table counts from a session's beginning.
  }

  async poll(): Promise<PollOutcome> {
    const { look, now, air } = this.#options;
    air?.look();
    const seen = await look();
    const { tookMs } = seen;
    if (!seen.ok) return { ok: false, reason: faultOf(seen.reason), detail: seen.detail, tookMs };
    if (!this.#options.gate?.isKept) return { ok: false, reason: 'absent', detail: noTable, tookMs };
    const readings = this.#devices.note(seen.found, now());
    const { size: clients } = this.#devices;
    return { ok: true, complete: true, readings, clients, unmetered: 0, tookMs, lag: 0 };
  }

  /** The table lets the device through already, when the engine has asked for that; the rates stand there as well. */
  async open(mac: Mac, _rates: Rates, _addresses: readonly string[]): Promise<GateOutcome> {
    const { gate } = this.#options;
    await gate?.settle();
    if (!gate?.isKept) return refused('absent', noTable);
    const after = await this.#reading(mac);
    if (!after) return refused('unknown-client', 'no such device is on its interfaces');
    if (!gate.passes(mac)) return refused('unchanged', 'the table does not let it pass');
    return { ok: true, before: [], after: [after] };
  }

  async close(mac: Mac): Promise<GateOutcome> {
    const { gate } = this.#options;
    await gate?.settle();
    // What still passes is another session of the device, which is let in with the next turn.
    if (!gate?.isKept) return refused('absent', noTable);
    const after = this.#devices.shut(mac);
    return after ? { ok: true, before: [], after: [after] } : refused('unknown-client', 'it has left');
  }

  nameOf(mac: Mac): string | undefined {
    return this.#devices.nameOf(mac);
  }

  async stop(): Promise<void> {
    // A look under way ends by itself, and gates are the table's.
    await this.#options.air?.stop();
  }

  /** What is known of one device; looks once more for one that has just come. */
  async #reading(mac: Mac): Promise<Reading | undefined> {
    const { look, now } = this.#options;
    if (!this.#devices.has(mac)) {
      const seen = await look();
      if (seen.ok) this.#devices.noteOne(mac, seen.found, now());
    }
    return this.#devices.reading(mac);
  }
}

function faultOf(reason: 'missing' | 'refused' | 'timeout' | 'failed') {
  return reason === 'missing' ? 'absent' : reason;
}

function refused(reason: (GateOutcome & { ok: false })['reason'], detail: string): GateOutcome {
  return { ok: false, reason, detail, before: [] };
}
