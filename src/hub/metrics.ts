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
    this.#count(database, 'orders', states, 'Orders to routers, by state; of the last 90 days');
    const help = 'Messages to endpoints, by state; of the last 90 days';
    this.#count(database, 'deliveries', ['waiting', 'delivered', 'dead'], help);
  }

  #count(database: Database, table: string, states: readonly string[], help: string): void {
    new Gauge({
      name: `turnpike_hub_${table}`,
      help,
      labelNames: ['state'],
      registers: [this.#registry],
      async collect() {
        const rows = await database.read((query) =>
          query(`SELECT state, count(*) AS n FROM ${table} GROUP BY state`),
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
