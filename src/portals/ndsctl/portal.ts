import type { Mac } from '../../domain/mac.js';
import type {
  Baseline,
  GateOutcome,
  PollOutcome,
  PortalClient,
  Rates,
  Reading,
} from '../../domain/reading.js';
import type { RunningPortal } from '../../ports/portal.js';
import type { NdsctlKind } from './kind.js';
import { QueueClosed, TurnQueue } from './queue.js';
import { type ControlTarget, request } from './socket.js';
import { Valve } from './valve.js';

/** Counts the clients of one portal. Its calls must be turns of the portal's queue. */
export interface Meter {
  readonly timeoutMs: number;
  readonly late: number;
  heard(reply: { readonly kicks: number; readonly life: number }): void;
  poll(): Promise<PollOutcome>;
  observe(client: PortalClient): readonly Reading[] | undefined;
  restore(baselines: readonly Baseline[], since: number): void;
}

export interface NdsctlPortalOptions {
  readonly name: string;
  readonly target: ControlTarget;
  readonly kind: NdsctlKind;
  readonly meter: Meter;
  /**
   * Whether the portal is told the rates of a gate that opens now. It is not told while the kernel keeps
   * them, because a portal keeps the rates of the opening even if they change.
   * @default always
   */
  readonly tellRates?: () => boolean;
}

/** One portal: its queue, its valve and its meter. Faults are outcomes; nothing here throws. */
export class NdsctlPortal implements RunningPortal {
  readonly name: string;
  readonly #meter: Meter;
  readonly #tellRates: () => boolean;
  readonly #queue = new TurnQueue();
  readonly #valve: Valve;

  constructor(options: NdsctlPortalOptions) {
    const { name, target, kind, meter, tellRates = () => true } = options;
    this.name = name;
    this.#tellRates = tellRates;
    this.#meter = meter;
    this.#valve = new Valve({
      kind,
      observe: (client) => meter.observe(client),
      ask: async (command) => {
        const { timeoutMs, late } = meter;
        const reply = await request(target, command, { timeoutMs, late });
        meter.heard(reply);
        return reply.reply;
      },
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  restore(baselines: readonly Baseline[], since: number): void {
    this.#meter.restore(baselines, since);
  }

  /** Looks at all clients. */
  async poll(): Promise<PollOutcome> {
    const closed = { ok: false, reason: 'aborted', detail: 'shutting down', tookMs: 0 } as const;
    return this.#queue.poll(() => this.#meter.poll()).catch(orWhenClosed(closed));
  }

  /** Lets a client through; see {@link Valve.open}. */
  async open(mac: Mac, rates: Rates, addresses: readonly string[]): Promise<GateOutcome> {
    const told = this.#tellRates() ? rates : {};
    return this.#queue.open(() => this.#valve.open(mac, told, addresses)).catch(orWhenClosed(gateClosed));
  }

  /** Shuts a client out; see {@link Valve.close}. */
  async close(mac: Mac, addresses: readonly string[]): Promise<GateOutcome> {
    return this.#queue.shut(() => this.#valve.close(mac, addresses)).catch(orWhenClosed(gateClosed));
  }

  /** Rejects the turns that wait, and lets the turn under way end: a gate is never left half turned. */
  async stop(): Promise<void> {
    await this.#queue.close();
  }
}

const gateClosed: GateOutcome = { ok: false, reason: 'aborted', detail: 'shutting down', before: [] };

function orWhenClosed<T>(outcome: T): (cause: unknown) => T {
  return (cause) => {
    if (cause instanceof QueueClosed) return outcome;
    throw cause;
  };
}
