import { Counter, Gauge, Registry } from 'prom-client';
import type { Database } from '../collector/database.js';
import type { Broker } from './broker.js';

const states = ['waiting', 'sent', 'done', 'refused', 'expired'] as const;

/** What `GET /metrics` tells (Prometheus). */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status'>;

  constructor(database: Database, broker: Pick<Broker, 'online' | 'isConnected'>) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'turnpike_hub_requests_total',
      help: 'Replies, by route and HTTP status',
      labelNames: ['route', 'status'],
      registers,
    });
    new Gauge({
      name: 'turnpike_hub_broker_connected',
      help: '1 while the hub is connected to the broker',
      registers,
      collect() {
        this.set(broker.isConnected ? 1 : 0);
      },
    });
    new Gauge({
      name: 'turnpike_hub_routers_online',
      help: 'Routers that are there',
      registers,
      collect() {
        this.set(broker.online.size);
      },
    });
    new Gauge({
      name: 'turnpike_hub_orders',
      help: 'Orders to routers, by state; of the last 90 days',
      labelNames: ['state'],
      registers,
      async collect() {
        const rows = await database.read((query) =>
          query('SELECT state, count(*) AS n FROM orders GROUP BY state'),
        );
        const counts = new Map(rows.map(({ state, n }) => [state, Number(n)]));
        for (const state of states) this.set({ state }, counts.get(state) ?? 0);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  replied(route: string, status: number): void {
    this.#requests.inc({ route, status });
  }
}
