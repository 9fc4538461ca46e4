import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import type { Ended } from './operations.js';

/** What `GET /metrics` tells (Prometheus). */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status' | 'code'>;
  readonly #operations: Histogram<'kind' | 'outcome'>;

  constructor(networks: ReadonlyMap<string, Network>, journal: Journal) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'turnpike_facilitator_requests_total',
      help: 'Replies, by route, HTTP status and code',
      labelNames: ['route', 'status', 'code'],
      registers,
    });
    this.#operations = new Histogram({
      name: 'turnpike_facilitator_operation_seconds',
      help: 'Time from the first request to the outcome, by kind',
      labelNames: ['kind', 'outcome'],
      buckets: [0.01, 0.05, 0.25, 1, 5, 20, 60, 300],
      registers,
    });
    new Gauge({
      name: 'turnpike_facilitator_transactions_pending',
      help: 'Transactions that wait to be mined',
      labelNames: ['network'],
      registers,
      collect() {
        for (const [network, { sender }] of networks) this.set({ network }, sender.pending);
      },
    });
    new Gauge({
      name: 'turnpike_facilitator_signer_balance_wei',
      help: 'What a signer has for gas',
      labelNames: ['network', 'signer'],
      registers,
      async collect() {
        for (const [network, { purse }] of networks)
          for (const [signer, wei] of (await purse.balances()) ?? [])
            this.set({ network, signer }, Number(wei));
      },
    });
    new Gauge({
      name: 'turnpike_facilitator_seller_gas_today',
      help: 'Gas booked for a seller since midnight (UTC)',
      labelNames: ['network', 'seller'],
      registers,
      collect() {
        this.reset();
        for (const [network, { allowance }] of networks)
          for (const [seller, gas] of allowance.today()) this.set({ network, seller }, gas);
      },
    });
    new Gauge({
      name: 'turnpike_facilitator_sessions',
      help: 'Sessions, by state',
      labelNames: ['state'],
      registers,
      collect() {
        const { total: _, ...states } = journal.stats(Date.now() / 1000);
        for (const [state, count] of Object.entries(states)) this.set({ state }, count);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  replied(route: string, status: number, code: string): void {
    this.#requests.inc({ route, status, code });
  }

  readonly ended: Ended = (kind, outcome, seconds) => {
    this.#operations.observe({ kind, outcome }, seconds);
  };
}
