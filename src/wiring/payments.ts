import type { DepositRounds } from '../engine/deposits/rounds.js';
import type { DepositScheme } from '../ports/deposit-scheme.js';
import type { Notice } from '../ports/notice.js';
import type {
  Billing,
  PaymentMember,
  PaymentMethod,
  PaymentParts,
  Payments,
} from '../ports/payment-method.js';
import type { Result } from '../ports/result.js';
import type { SinkStanding } from '../ports/sink.js';
import { Turns } from './turns.js';
import type { Named } from './upstream.js';

/** Ways to pay as they are configured, by their keys in the registry. Those that are switched off are absent. */
export type PaymentSections = Readonly<Record<string, object>>;

interface Running {
  /** The configuration that it was made with. */
  readonly made: string;
  readonly payments: Payments;
  /** It could not be built: the next reload tries again, for the cause may be gone. */
  readonly isBroken?: true;
}

/** What ways to pay need that is not to be had here. */
type OuterParts = Omit<PaymentParts, 'changed' | 'methods'>;

/** Keeps the ways to pay that are configured at work, and no others. */
export class PaymentSources {
  readonly #members: Readonly<Record<string, PaymentMember<object>>>;
  readonly #parts: OuterParts;
  readonly #rounds: DepositRounds;
  /** Told that {@link methods}, or the schemes of deposits, are others than before. */
  readonly #changed: () => void;
  readonly #running = new Map<string, Running>();
  readonly #turns = new Turns();
  #isStarted = false;

  constructor(
    members: Readonly<Record<string, PaymentMember<object>>>,
    parts: OuterParts,
    rounds: DepositRounds,
    changed: () => void,
  ) {
    this.#members = members;
    this.#parts = parts;
    this.#rounds = rounds;
    this.#changed = changed;
  }

  /** Starts, replaces and ends ways to pay until they are as configured. What cannot be made is said in the log. */
  apply(sections: PaymentSections): Promise<void> {
    return this.#turns.run(async () => {
      for (const name of Object.keys(this.#members)) await this.#applyOne(name, sections[name]);
    });
  }

  /** Drives deposits from now on: the portals are there, and may open gates. */
  start(): void {
    this.#isStarted = true;
    this.#rounds.start();
  }

  /** Methods that take the money at once. */
  get methods(): PaymentMethod[] {
    return [...this.#running.values()].flatMap(({ payments }) => payments.methods);
  }

  /** Ways to pay by orders. */
  get billings(): Billing[] {
    return [...this.#running.values()].flatMap(({ payments }) => payments.billings ?? []);
  }

  /** The standing of each way to pay that needs a server. */
  get standings(): Named<SinkStanding>[] {
    return [...this.#running].flatMap(([name, { payments }]) => {
      const { standing } = payments;
      return standing ? [{ name, ...standing }] : [];
    });
  }

  /** Tells every way to pay what is durable. */
  hear(notice: Notice): void {
    this.#rounds.hear(notice);
    for (const { payments } of this.#running.values()) payments.hear?.(notice);
  }

  /** Asks the servers that a way to pay needs; undefined when none of this name needs a server. */
  async test(name: string): Promise<Result<string> | undefined> {
    return this.#running.get(name)?.payments.test?.();
  }

  stop(): Promise<void> {
    return this.#turns.run(async () => {
      await Promise.all([...this.#running.values()].map(({ payments }) => payments.stop(false)));
      this.#running.clear();
      this.#offer();
    });
  }

  async #applyOne(name: string, config: object | undefined): Promise<void> {
    const made = JSON.stringify(config, mapAsEntries);
    const before = this.#running.get(name);
    if (before?.made === made && !before?.isBroken) return;
    this.#running.delete(name);
    await this.#end(name, before, config === undefined);
    if (config !== undefined) this.#running.set(name, { made, ...(await this.#build(name, config)) });
    this.#offer();
  }

  async #end(name: string, before: Running | undefined, forGood: boolean): Promise<void> {
    try {
      await before?.payments.stop(forGood);
    } catch (cause) {
      this.#parts.log('error', `${name}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }

  async #build(name: string, config: object): Promise<Omit<Running, 'made'>> {
    try {
      const own = { changed: () => this.#offer(), methods: () => this.methods };
      const parts = { ...this.#parts, ...own };
      return { payments: await this.#members[name]!.build(config, parts) };
    } catch (cause) {
      const error = `cannot be set up: ${cause instanceof Error ? cause.message : cause}`;
      this.#parts.log('error', `${name}: ${error}`);
      return { payments: broken(error), isBroken: true };
    }
  }

  /** Takes deposits by the present schemes, and takes up the deposits that earlier runs left. */
  #offer(): void {
    const running = [...this.#running.values()].map(({ payments }) => payments);
    const schemes = running.flatMap((payments): readonly DepositScheme[] => payments.schemes);
    this.#rounds.backends = new Map(schemes.map((scheme) => [scheme.name, scheme]));
    this.#rounds.chargeMs = running.find(({ chargeMs }) => chargeMs !== undefined)?.chargeMs ?? 600_000;
    this.#changed();
    if (this.#isStarted) this.#rounds.start();
  }
}

/** JSON shows no members of a `Map`. */
function mapAsEntries(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

/** Takes the place of a way to pay that could not be made, so that `status` shows it. */
function broken(error: string): Payments {
  return {
    methods: [],
    schemes: [],
    standing: { state: 'down', backlog: 0, error },
    test: async () => ({ ok: false, code: 'upstream_silent', message: error }),
    async stop() {},
  };
}
