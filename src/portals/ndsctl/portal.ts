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
import { type ControlTarget, lifeOf, request } from './socket.js';
import { Valve } from './valve.js';

/** Counts the clients of one portal. Its calls must be turns of the portal's queue. */
export interface Meter {
  /** The lag after the last request. */
  readonly lag: number;
  heard(reply: { readonly lag: number; readonly life: number }): void;
  isUnseen(life: number): boolean;
  unlisted(mac: Mac): void;
  poll(): Promise<PollOutcome>;
  observe(client: PortalClient, admitted: boolean): readonly Reading[] | undefined;
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

/** How long the end of the daemon waits for the turn under way, in ms: less than procd waits for the daemon. */
const partingMs = 3_000;

/** One portal: its queue, its valve and its meter. Faults are outcomes; nothing here throws. */
export class NdsctlPortal implements RunningPortal {
  readonly name: string;
  readonly #meter: Meter;
  readonly #tellRates: () => boolean;
  readonly #queue = new TurnQueue();
  readonly #valve: Valve;
  readonly #ending = new AbortController();
  /** When the request under way was made, monotonic, in ms. */
  #askedAt: number | undefined;

  constructor(options: NdsctlPortalOptions) {
    const { name, target, kind, meter, tellRates = () => true } = options;
    this.name = name;
    this.#tellRates = tellRates;
    this.#meter = meter;
    this.#valve = new Valve({
      kind,
      observe: (client, admitted) => meter.observe(client, admitted),
      isUnseen: () => meter.isUnseen(lifeOf(target)),
      unlisted: (mac) => meter.unlisted(mac),
      ask: (command) => this.#clocked(() => this.#ask(target, command)),
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  restore(baselines: readonly Baseline[], since: number): void {
    this.#meter.restore(baselines, since);
  }

  /** Looks at all clients. */
  async poll(): Promise<PollOutcome> {
    const look = () => this.#untilParting(this.#meter.poll(), pollClosed);
    return this.#queue.poll(() => this.#clocked(look)).catch(orWhenClosed(pollClosed));
  }

  /** Lets a client through; see {@link Valve.open}. */
  async open(mac: Mac, rates: Rates, addresses: readonly string[], isArrival = false): Promise<GateOutcome> {
    const told = this.#tellRates() ? rates : {};
    const turn = () => this.#valve.open(mac, told, addresses, isArrival);
    return this.#queue.open(turn).catch(orWhenClosed(gateClosed));
  }

  /** Shuts a client out; see {@link Valve.close}. */
  async close(mac: Mac, addresses: readonly string[]): Promise<GateOutcome> {
    return this.#queue.shut(() => this.#valve.close(mac, addresses)).catch(orWhenClosed(gateClosed));
  }

  get waitingMs(): number {
    return this.#askedAt === undefined ? 0 : performance.now() - this.#askedAt;
  }

  /**
   * Rejects the turns that wait, and lets the turn under way end: a gate is never left half turned. From a portal that
   * is too busy to answer soon it turns away.
   */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#ending.abort(), partingMs);
    await this.#queue.close();
    clearTimeout(timer);
  }

  async #ask(target: ControlTarget, command: string): Promise<Buffer> {
    const asked = await request(target, command, { lag: this.#meter.lag, signal: this.#ending.signal });
    this.#meter.heard(asked);
    return asked.reply;
  }

  /** A look goes on in its thread, whose end is the pool's. */
  #untilParting<T>(look: Promise<T>, otherwise: T): Promise<T> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      const part = () => resolve(otherwise);
      signal.addEventListener('abort', part, { once: true });
      look.then(resolve, reject).finally(() => signal.removeEventListener('abort', part));
    });
  }

  async #clocked<T>(ask: () => Promise<T>): Promise<T> {
    this.#askedAt = performance.now();
    return ask().finally(() => {
      this.#askedAt = undefined;
    });
  }
}

const pollClosed: PollOutcome = { ok: false, reason: 'aborted', detail: 'shutting down', tookMs: 0 };
const gateClosed: GateOutcome = { ok: false, reason: 'aborted', detail: 'shutting down', before: [] };

function orWhenClosed<T>(outcome: T): (cause: unknown) => T {
  return (cause) => {
    if (cause instanceof QueueClosed) return outcome;
    throw cause;
  };
}
