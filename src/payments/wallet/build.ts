import { isActive } from '../../domain/deposit.js';
import type { Clock } from '../../ports/clock.js';
import type { DepositScheme } from '../../ports/deposit-scheme.js';
import type { PaymentParts, Payments } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import type { SinkStanding } from '../../ports/sink.js';
import { FacilitatorClient } from './facilitator-client.js';
import { Facilitators } from './facilitators.js';
import { isAnyThere, Readiness } from './readiness.js';
import { httpRpc, type RpcError } from './rpc.js';
import type { EscrowConfig } from './section.js';
import { SessionBackend } from './session/backend.js';
import { SessionScheme } from './session/scheme.js';
import { Chain } from './session-chain.js';
import type { Address, Hex } from './typed-data.js';
import { x402Backends } from './x402.js';

/** Time limit of a call to a facilitator or a node, in ms. A purchase waits 15 s for its answer. */
const callLimitMs = 10_000;
/** How many blocks back from the newest one logs are looked for: most nodes allow no more in one call. */
const logBlocks = 5_000;
/** How often a node that has not answered yet is asked again, in ms. */
const prepareMs = 15_000;

/** Takes deposits by the configured schemes. */
export async function buildWallet(config: EscrowConfig, parts: PaymentParts): Promise<Payments> {
  const { clock } = parts;
  const [ours, x402] = [
    readinessOf(config, config.facilitators, '/healthz', clock),
    readinessOf(config, config.x402Facilitators, '/supported', clock),
  ];
  const facilitators = new Facilitators(config.facilitators, callLimitMs, () => ours.doubt());
  const hasSession = config.methods.includes('x402r-session');
  const session = hasSession ? sessionOf(config, facilitators, ours, clock) : undefined;
  const hasOthers = config.methods.some((method) => method !== 'x402r-session');
  const doubt = () => x402.doubt();
  const others = {
    rpc: httpRpc(config.rpc, callLimitMs, doubt),
    facilitator: new FacilitatorClient(
      config.x402Facilitators.map((url) => ({ url })),
      undefined,
      doubt,
    ),
    ...{ readiness: x402, clock },
  };
  const makeOthers = hasOthers ? () => x402Backends(config, others) : undefined;
  const wallet = new Wallet(config.chargeInterval, facilitators, session, makeOthers, [ours, x402], parts);
  // The node may be away for hours: the daemon starts without it.
  void wallet.prepare();
  return wallet;
}

/** Of a facilitator and the node together: nothing can be paid while either is away. */
function readinessOf({ rpc }: EscrowConfig, urls: readonly string[], path: string, clock: Clock): Readiness {
  const node = httpRpc(rpc, callLimitMs);
  const servers = urls.map((url) => ({ url }));
  return new Readiness(clock, async () => {
    const isNode = node('eth_chainId').then(
      () => true,
      (cause: RpcError) => cause.code === 'refused',
    );
    return (await Promise.all([isNode, isAnyThere(servers, path, callLimitMs)])).every(Boolean);
  });
}

/** @throws Error when the contract or the key is missing or not that of the seller */
function sessionOf(
  config: EscrowConfig,
  facilitators: Facilitators,
  readiness: Readiness,
  clock: Clock,
): SessionScheme {
  const { contract, key } = config;
  if (contract === undefined || key === undefined) throw new Error('x402r-session needs contract and key');
  const at = (escrow: Address) => sessionAt(escrow, key as Hex, config, facilitators, readiness, clock);
  return new SessionScheme(at(contract as Address), at, readiness);
}

function sessionAt(
  escrow: Address,
  key: Hex,
  config: EscrowConfig,
  facilitators: Facilitators,
  readiness: Readiness,
  clock: Clock,
): SessionBackend {
  const { decimals, confirmations, margin, duration } = config;
  const token = config.token as Address;
  const chainId = BigInt(config.chainId);
  const chain = new Chain({
    ...{ chainId, escrow, logBlocks },
    rpcUrl: config.rpc,
    rpcTimeoutMs: callLimitMs,
    silent: () => readiness.doubt(),
    tokens: { [token]: { decimals } },
  });
  return new SessionBackend({
    offer: {
      ...{ chainId, escrow, token, network: config.network },
      seller: config.payTo as Address,
      duration: BigInt(Math.floor(duration / 1000)),
    },
    ...{ currency: config.currency, decimals, facilitators },
    key,
    token: config.tokenDomain,
    watch: { chain, marginMs: margin, finality: confirmations, wall: clock.wall },
  });
}

/** What `status` says while wallets are not offered. */
const away = 'facilitator or node do not answer: wallets are not offered';

/** The deposits of one section `escrow`. */
class Wallet implements Payments {
  readonly methods = [];
  readonly chargeMs: number;
  readonly #facilitators: Facilitators;
  readonly #session: SessionScheme | undefined;
  /** Makes the schemes that must know the token first; undefined when there are none, or they are made. */
  #others: (() => Promise<DepositScheme[]>) | undefined;
  /** What comes of making them, while that is under way: schemes made twice would not know what the first have sent. */
  #making: Promise<string> | undefined;
  #made: readonly DepositScheme[] = [];
  #trouble = '';
  readonly #readiness: readonly Readiness[];
  readonly #parts: PaymentParts;
  #isPrepared = false;
  #isStopped = false;
  #again = () => {};

  constructor(
    chargeMs: number,
    facilitators: Facilitators,
    session: SessionScheme | undefined,
    others: (() => Promise<DepositScheme[]>) | undefined,
    readiness: readonly Readiness[],
    parts: PaymentParts,
  ) {
    this.chargeMs = chargeMs;
    this.#facilitators = facilitators;
    this.#session = session;
    this.#others = others;
    this.#readiness = readiness;
    this.#parts = parts;
  }

  get schemes(): readonly DepositScheme[] {
    return this.#session ? [this.#session, ...this.#made] : this.#made;
  }

  get standing(): SinkStanding {
    const waiting = this.#parts.deposits().filter((deposit) => !isActive(deposit));
    const note = waiting.find((deposit) => deposit.note !== '')?.note;
    const error = this.#error();
    if (error !== '') return { state: 'down', backlog: waiting.length, error };
    return { state: this.#isPrepared ? 'up' : 'connecting', backlog: waiting.length, error: note ?? '' };
  }

  /** Learns what is to be known of chain and token; where they are away, it tries again by itself. */
  async prepare(): Promise<void> {
    const before = this.#error();
    const trouble = (await this.#session?.verify()) || (await this.#prepareOthers());
    this.#isPrepared = trouble === '';
    if (this.#isPrepared || this.#isStopped) return;
    if (trouble !== before) this.#parts.log('warn', `escrow: ${trouble}`);
    this.#again = this.#parts.clock.after(prepareMs, () => void this.prepare());
  }

  async test(): Promise<Result<string>> {
    const error =
      (await this.#session?.verify()) ||
      (await this.#prepareOthers()) ||
      (this.#session && (await this.#facilitators.test()));
    if (error) return { ok: false, code: 'upstream_silent', message: error };
    const who = this.#session ? 'the facilitator answers; ' : '';
    return { ok: true, value: `${who}chain, escrow and token are as configured` };
  }

  async stop(forGood: boolean): Promise<void> {
    this.#isStopped = true;
    this.#again();
    for (const one of this.#readiness) one.stop();
    const { length } = this.#parts.deposits();
    if (forGood && length > 0) {
      this.#parts.log('error', `escrow: ${length} deposits are open, and nothing charges or closes them now`);
    }
  }

  #prepareOthers(): Promise<string> {
    this.#making ??= this.#makeOthers().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  /** @returns what is wrong; empty when they are made, or none are to be made */
  async #makeOthers(): Promise<string> {
    try {
      const made = await this.#others?.();
      if (!made || this.#isStopped) return '';
      this.#others = undefined;
      this.#trouble = '';
      this.#made = made;
      this.#parts.changed();
    } catch (cause) {
      this.#trouble = cause instanceof Error ? cause.message : String(cause);
    }
    return this.#trouble;
  }

  #error(): string {
    const known = this.#session?.trouble || this.#trouble || this.#facilitators.error;
    return known || (this.#readiness.every(({ isReady }) => isReady) ? '' : away);
  }
}
