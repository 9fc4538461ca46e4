import type { Database, Query } from '../collector/database.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import {
  type Attempt,
  buryOthers,
  type Delivery,
  dueOf,
  type Event,
  type EventType,
  enqueue,
  settle,
} from './deliveries.js';
import type { Endpoint } from './endpoint.js';
import { type Answer, post } from './post.js';

/** How often deliveries are looked through, in ms. */
const lookEveryMs = 5_000;
/** Waits before the second and each later attempt, in s: three days in all, after which a delivery is dead. */
const waitsS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** How much longer a wait may be, by chance: endpoints that were down are not all asked in one moment. */
const jitter = 0.1;
/** Attempts that are under way at one endpoint. */
const atOnce = 4;

export interface OutboxParts {
  readonly database: Database;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Tells endpoints what has happened, from the database. What was sent is written down after the answer, so a kill
 * between the two sends it again with the same id. Endpoints do not wait for each other.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #wanted = new Map<EventType, string[]>();
  readonly #ended = new AbortController();
  /** Attempts that are under way, by endpoint and id. */
  readonly #underWay = new Map<string, Map<string, Promise<void>>>();
  /** The last look through the deliveries of each endpoint, and those whose next one has not begun. */
  readonly #looks = new Map<string, Promise<void>>();
  readonly #queued = new Set<string>();
  #cancel = () => {};
  #said = '';

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    for (const [name, { events }] of parts.endpoints) {
      this.#underWay.set(name, new Map());
      for (const type of events) this.#wanted.set(type, [...(this.#wanted.get(type) ?? []), name]);
    }
  }

  /** Whether any endpoint wants to hear of such events. */
  wants(type: EventType): boolean {
    return this.#wanted.has(type);
  }

  /** Begins to deliver. @throws what the database throws */
  async start(): Promise<void> {
    const { database, endpoints } = this.#parts;
    await buryOthers(database, [...endpoints.keys()]);
    this.#turn();
  }

  /**
   * Writes events down for those who want to hear of them, once for each id, with what `work` writes.
   * @throws what `work` or the database throws; then nothing was written
   */
  async tell(
    events: readonly Event[],
    work: (query: Query) => Promise<void> = async () => {},
  ): Promise<void> {
    const { database, clock } = this.#parts;
    await database.transaction(['turnpike: deliveries'], async (query) => {
      for (const event of events)
        await enqueue(query, this.#wanted.get(event.type) ?? [], event, clock.wall());
      await work(query);
    });
    if (events.length > 0) this.hurry();
  }

  /** Looks through the deliveries now. */
  hurry(): void {
    if (this.#ended.signal.aborted) return;
    for (const name of this.#parts.endpoints.keys()) {
      if (this.#queued.has(name)) continue;
      this.#queued.add(name);
      const look = (this.#looks.get(name) ?? Promise.resolve()).then(() => {
        this.#queued.delete(name);
        return this.#look(name);
      });
      this.#looks.set(name, look);
    }
  }

  /** Ends the attempts that are under way; they are made again after the next start. */
  async stop(): Promise<void> {
    this.#cancel();
    this.#ended.abort();
    await Promise.all(this.#looks.values());
    await Promise.all([...this.#underWay.values()].flatMap((some) => [...some.values()]));
  }

  #turn(): void {
    this.hurry();
    this.#cancel = this.#parts.clock.after(lookEveryMs, () => this.#turn());
  }

  async #look(name: string): Promise<void> {
    const { database, clock } = this.#parts;
    const underWay = this.#underWay.get(name)!;
    if (this.#ended.signal.aborted || underWay.size >= atOnce) return;
    try {
      // One whose answer is written down while this is read may still be seen as due.
      const before = new Set(underWay.keys());
      // Those that are under way are due, too, and the oldest.
      const due = await dueOf(database, name, clock.wall(), 2 * atOnce);
      for (const delivery of due) {
        if (underWay.size >= atOnce) return;
        if (!underWay.has(delivery.id) && !before.has(delivery.id))
          underWay.set(delivery.id, this.#send(delivery));
      }
      this.#said = '';
    } catch (cause) {
      this.#say(`webhooks: ${reasonOf(cause)}`);
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    const { endpoints, clock, log } = this.#parts;
    const { endpoint, id } = delivery;
    const answer = await post(endpoints.get(endpoint)!, delivery, clock.wall(), this.#ended.signal);
    if (answer.ok || !this.#ended.signal.aborted) {
      const attempt = this.#attemptOf(delivery, answer);
      if (attempt.state === 'dead') log('error', `webhook ${endpoint}: ${id} is dead: ${attempt.error}`);
      await this.#write(delivery, attempt);
    }
    this.#underWay.get(endpoint)!.delete(id);
    this.hurry();
  }

  /** What cannot be written down is not sent again meanwhile. */
  async #write(delivery: Delivery, attempt: Attempt): Promise<void> {
    const { database, clock } = this.#parts;
    for (;;) {
      try {
        return await settle(database, delivery, attempt);
      } catch (cause) {
        this.#say(`webhooks: ${reasonOf(cause)}`);
      }
      if (this.#ended.signal.aborted) return;
      await pause(clock, lookEveryMs, this.#ended.signal);
    }
  }

  #attemptOf({ tries }: Delivery, answer: Answer): Attempt {
    if (answer.ok) return { state: 'delivered' };
    const { error, isGone, waitMs } = answer;
    const waitS = waitsS[tries];
    if (isGone || waitS === undefined) return { state: 'dead', error };
    const { clock, random } = this.#parts;
    const wait = Math.max(waitMs, waitS * 1000 * (1 + jitter * random()));
    return { state: 'waiting', error, due: clock.wall() + Math.round(wait) };
  }

  #say(text: string): void {
    if (text !== this.#said) this.#parts.log('error', text);
    this.#said = text;
  }
}

/** Resolves after so many ms, or when it is over. */
function pause(clock: Clock, ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    over.addEventListener('abort', end, { once: true });
  });
}
