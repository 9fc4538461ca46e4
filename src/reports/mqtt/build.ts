import type { Connection } from '../../mqtt/connection.js';
import { encodeMessage } from '../../mqtt/message.js';
import type { MqttConfig } from '../../mqtt/section.js';
import type { Keepsake, Sink, SinkParts, SinkStanding } from '../../ports/sink.js';
import { Courier, type Kept } from './courier.js';
import { divide } from './divide.js';
import { Fold, freshState } from './fold.js';

/** Reports usage and sessions to the broker. */
export async function buildReports(config: MqttConfig, parts: SinkParts<Connection>): Promise<Sink> {
  const keepsake = parts.keepsake('mqtt.state');
  const kept = keepsake.load() as Kept | undefined;
  const known = kept && !parts.isNew && belongs(kept, parts) ? kept : undefined;
  const reports = new MqttReports(config, parts, keepsake, known ?? beginning(config, parts, kept));
  await reports.start(known === undefined);
  return reports;
}

class MqttReports implements Sink {
  readonly #parts: SinkParts<Connection>;
  readonly #keepsake: Keepsake;
  readonly #kept: Kept;
  readonly #courier: Courier;
  #error = '';

  constructor(config: MqttConfig, parts: SinkParts<Connection>, keepsake: Keepsake, kept: Kept) {
    this.#parts = parts;
    this.#keepsake = keepsake;
    this.#kept = kept;
    this.#courier = this.#makeCourier(config);
    parts.link.listen({
      up: ({ receiveMaximum }) => this.#courier.connected(receiveMaximum),
      down: () => this.#courier.disconnected(),
    });
  }

  get standing(): SinkStanding {
    const { state, error: lost } = this.#parts.link.standing;
    const error = lost || this.#error;
    return { state: error !== '' && state === 'up' ? 'down' : state, backlog: this.#courier.backlog, error };
  }

  /** `isFirst`: nothing is kept yet. */
  async start(isFirst: boolean): Promise<void> {
    if (isFirst) await this.#keepsake.save(this.#kept).catch((cause: Error) => this.#failed(cause));
    await this.#courier.start();
  }

  test() {
    return this.#parts.link.test();
  }

  stop(): Promise<void> {
    return this.#courier.stop();
  }

  #makeCourier({ format, interval }: MqttConfig): Courier {
    const { outbox, router, clock, link } = this.#parts;
    return new Courier({
      outbox,
      fold: new Fold(router, this.#kept.fold),
      pending: this.#kept.pending,
      interval,
      timer: clock,
      mono: clock.mono,
      encode: ({ topic, message }) => ({ topic, payload: encodeMessage(topic, message, format) }),
      send: async ({ topic, payload }) => {
        await link.publish({ topic: link.topic(topic), payload, needsSubscriber: true });
        this.#error = '';
      },
      divide,
      save: (kept) => this.#keepsake.save(kept),
      failed: (cause) => this.#failed(cause),
    });
  }

  #failed(cause: Error): void {
    if (this.#error !== cause.message) this.#parts.log('warn', `mqtt: ${cause.message}`);
    this.#error = cause.message;
  }
}

/**
 * Whether a kept state is of this journal. The state of an earlier run is at most as new as what that run left in the
 * journal, unless somebody put an older journal back.
 */
function belongs({ fold }: Kept, { boot, recovered }: SinkParts<Connection>): boolean {
  return fold.boot === boot || fold.seq <= recovered;
}

/**
 * The state to begin with where none is kept, or none of this journal: the usage of all sessions so far counts as
 * reported, unless this router has never reported at all. Messages of an earlier run that did not arrive still go out.
 */
function beginning(
  { interval }: MqttConfig,
  { isNew, running, log, boot }: SinkParts<Connection>,
  kept: Kept | undefined,
): Kept {
  if (isNew) return { fold: freshState(boot, interval), pending: [] };
  const why = kept
    ? 'the journal is older than what was reported, as one from a backup is'
    : 'what was reported is not known any more';
  log('error', `mqtt: ${why}: differences begin anew, totals are right`);
  const reported = [...running()].map(({ id, usage }) => {
    return [id, [usage.up, usage.down, usage.millis]] as const;
  });
  return { fold: freshState(boot, interval, 0, reported), pending: kept?.pending ?? [] };
}
