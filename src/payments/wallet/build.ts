import { systemClock } from '../../clock.js';
import { isActive } from '../../domain/deposit.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { Trial, Upstream, UpstreamStatus } from '../../ports/sink.js';
import type { UpstreamParts } from '../../wiring/parts.js';
import { Facilitators } from './facilitators.js';
import type { EscrowConfig } from './section.js';
import { SessionBackend } from './session/backend.js';
import { Chain } from './session-chain.js';
import { x402Backends } from './x402.js';

/** A call to a facilitator or a node is given up after so long, in ms: a purchase waits 15 s for its answer. */
const callLimitMs = 10_000;
/** Blocks back from the newest in which logs are looked for: more than most nodes let ask for at once. */
const logBlocks = 5_000;
/** While the node has not answered yet, it is asked again so often, in ms. */
const prepareMs = 15_000;

/** Takes deposits by the configured backends. */
export async function startEscrow(config: EscrowConfig, parts: UpstreamParts): Promise<Upstream> {
  const facilitators = new Facilitators(config.facilitators, callLimitMs);
  const session = config.methods.includes('x402r-session') ? sessionOf(config, facilitators) : undefined;
  const hasOthers = config.methods.some((method) => method !== 'x402r-session');
  const others = hasOthers ? () => x402Backends(config, callLimitMs) : undefined;
  const upstream = new EscrowUpstream(facilitators, session, others, parts);
  parts.rounds.chargeMs = config.chargeInterval;
  upstream.offer(session ? [session] : []);
  // The node may be away for hours: nothing else waits for it.
  void upstream.prepare();
  return upstream;
}

/** @throws Error when the contract or the key is missing or not that of the seller */
function sessionOf(config: EscrowConfig, facilitators: Facilitators): SessionBackend {
  const { contract: escrow, token, key, decimals, confirmations, margin, duration } = config;
  if (escrow === undefined || key === undefined) throw new Error('x402r-session needs contract and key');
  const chainId = BigInt(config.chainId);
  const chain = new Chain({
    ...{ chainId, escrow, logBlocks },
    rpcUrl: config.rpc,
    rpcTimeoutMs: callLimitMs,
    tokens: { [token]: { decimals } },
  });
  return new SessionBackend({
    offer: {
      ...{ chainId, escrow, token, network: config.network },
      seller: config.payTo,
      duration: BigInt(Math.floor(duration / 1000)),
    },
    ...{ currency: config.currency, decimals, facilitators },
    key,
    token: {
      ...(config.tokenName !== undefined && { name: config.tokenName }),
      ...(config.tokenVersion !== undefined && { version: config.tokenVersion }),
    },
    watch: { chain, marginMs: margin, finality: confirmations, wall: systemClock.wall },
  });
}

/** The escrow as `status` and `test_upstream` see it. */
class EscrowUpstream implements Upstream {
  readonly #facilitators: Facilitators;
  readonly #session: SessionBackend | undefined;
  /** Makes the other backends, which must know the token; undefined when there are none, or they are made. */
  #others: (() => Promise<DepositScheme[]>) | undefined;
  #trouble = '';
  readonly #parts: UpstreamParts;
  #isPrepared = false;
  #isStopped = false;
  #again = () => {};

  constructor(
    facilitators: Facilitators,
    session: SessionBackend | undefined,
    others: (() => Promise<DepositScheme[]>) | undefined,
    parts: UpstreamParts,
  ) {
    this.#facilitators = facilitators;
    this.#session = session;
    this.#others = others;
    this.#parts = parts;
  }

  get status(): UpstreamStatus {
    const open = this.#parts.engine.accounts.book.deposits.open();
    const waiting = open.filter((escrow) => !isActive(escrow));
    const note = waiting.find((escrow) => escrow.note !== '')?.note;
    const error = this.#error();
    if (error !== '') return { state: 'down', backlog: waiting.length, error };
    return { state: this.#isPrepared ? 'up' : 'connecting', backlog: waiting.length, error: note ?? '' };
  }

  /** Takes deposits by these, and takes up those that earlier runs left with them. */
  offer(backends: readonly DepositScheme[]): void {
    const { rounds, offered } = this.#parts;
    rounds.backends = new Map(backends.map((backend) => [backend.name, backend]));
    offered();
  }

  /** Learns what is to be known of chain and token; where they are away, it tries again by itself. */
  async prepare(): Promise<void> {
    const before = this.#error();
    const trouble = (await this.#session?.verify()) || (await this.#prepareOthers());
    this.#isPrepared = trouble === '';
    if (this.#isPrepared || this.#isStopped) return;
    if (trouble !== before) this.#parts.log('warn', `escrow: ${trouble}`);
    this.#again = systemClock.after(prepareMs, () => void this.prepare());
  }

  async #prepareOthers(): Promise<string> {
    try {
      const made = await this.#others?.();
      if (!made || this.#isStopped) return '';
      this.#others = undefined;
      this.#trouble = '';
      this.offer(this.#session ? [this.#session, ...made] : made);
      this.#parts.rounds.start();
    } catch (cause) {
      this.#trouble = cause instanceof Error ? cause.message : String(cause);
    }
    return this.#trouble;
  }

  async test(): Promise<Trial> {
    const error =
      (await this.#session?.verify()) ||
      (await this.#prepareOthers()) ||
      (this.#session && (await this.#facilitators.test()));
    if (error) return { ok: false, code: 'upstream_silent', message: error };
    const who = this.#session ? 'the facilitator answers; ' : '';
    return { ok: true, detail: `${who}chain, escrow and token are as configured` };
  }

  async stop(forGood: boolean): Promise<void> {
    this.#isStopped = true;
    this.#again();
    this.offer([]);
    const { engine, log } = this.#parts;
    const { length } = engine.accounts.book.deposits.open();
    if (forGood && length > 0)
      log('error', `escrow: ${length} deposits are open, and nothing settles them now`);
  }

  #error(): string {
    return this.#session?.trouble || this.#trouble || this.#facilitators.error;
  }
}
