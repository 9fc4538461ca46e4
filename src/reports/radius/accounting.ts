import { fromPlain, type JournalRecord } from '../../domain/record.js';
import { isAuthorized, isDone, type Session } from '../../domain/session.js';
import type { Millis } from '../../domain/units.js';
import { namedRow } from '../../domain/usage-row.js';
import type { Clock } from '../../ports/clock.js';
import type { Outbox } from '../../ports/sink.js';
import type { Attribute } from '../../radius/attributes.js';
import type { Outcome, RadiusClient } from '../../radius/client.js';
import { packetCode } from '../../radius/code.js';
import { RadiusError } from '../../radius/error.js';
import type { Nas } from '../../radius/nas.js';
import { Interims } from './interims.js';
import { Lanes } from './lanes.js';
import { type Report, reportAttributes, serviceAttributes } from './report.js';
import { type Arrival, type Delivery, Spool } from './spool.js';

export interface AccountingParts {
  readonly outbox: Outbox;
  readonly client: Pick<RadiusClient, 'request'>;
  readonly nas: Nas;
  /**
   * Resolves when the address of the NAS is known, or cannot be found now: the address must not change within a
   * session.
   */
  readonly located: () => Promise<void>;
  /** Whether the server answers requests of another kind. */
  readonly isThere: () => Promise<boolean>;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Time between interim updates where the server said none. */
  readonly interim: Millis;
  /** Gives an id that was never used, for Accounting-On and -Off. */
  readonly newId: () => string;
  /** Sessions that run when the daemon starts. */
  readonly sessions: Iterable<Session>;
  /** Wall clock of the newest record at that time, ms since 1970. */
  readonly at: number;
}

/** The next login of a user waits this long, in ms, for the server to hear of the end of the user's last session. */
const patienceMs = 3_000;
/** How long the last Stops and the Accounting-Off may take when accounting is switched off, in ms. */
const farewellMs = 5_000;
/** The key of deliveries that concern all sessions. */
const everything = '';

/**
 * Accounting (RFC 2866). It sends every Start and Stop from the journal's outbox until the server has acknowledged it.
 * It sends interim updates when they are due and nothing else waits, and drops one that fails: the next one replaces it.
 */
export class Accounting {
  readonly #parts: AccountingParts;
  readonly #spool: Spool;
  readonly #interims: Interims;
  /**
   * Reports of one session go one after the other: an interim update that arrived after its Stop would overwrite the
   * bill.
   */
  readonly #lanes = new Lanes();
  #error = '';
  #answered = false;

  constructor(parts: AccountingParts) {
    this.#parts = parts;
    const { outbox, clock, sessions, at } = parts;
    this.#spool = new Spool({
      outbox,
      clock,
      translate: (data) => this.#translate(data as JournalRecord),
      unreadable: (cause) => {
        this.#error = `the journal cannot be read: ${cause instanceof Error ? cause.message : cause}`;
      },
    });
    this.#interims = new Interims(
      parts,
      (id) => this.#mayUpdate(id),
      (report) => this.#tell(report),
    );
    for (const session of sessions) if (isOpen(session)) this.#interims.begin(session, at);
  }

  get status(): { readonly state: 'up' | 'down' | 'connecting'; readonly error: string } {
    if (this.#error !== '') return { state: 'down', error: this.#error };
    return { state: this.#answered ? 'up' : 'connecting', error: '' };
  }

  /** `isNew`: the server has never heard of this NAS. */
  start(isNew: boolean): void {
    this.#spool.start(isNew ? this.#greeting(this.#parts.clock.wall()) : undefined);
  }

  /** Resolves when the server has heard of the end of these sessions, or does not answer. */
  reported(sessions: readonly string[]): Promise<void> {
    return this.#spool.failing ? Promise.resolve() : this.#spool.delivered(sessions, patienceMs);
  }

  /** Sends nothing more. `forGood`: the server hears first that all sessions are over for it. */
  async stop(forGood: boolean): Promise<void> {
    this.#spool.stop();
    const open = this.#interims.stop();
    if (!forGood) return;
    const { clock } = this.#parts;
    const at = clock.wall();
    const ends = open.map((session) =>
      this.#tell({ kind: 'stop', session: { ...session, cause: 'admin' }, at }),
    );
    const farewell = Promise.all(ends).then(() => this.#tellService('off', at));
    await Promise.race([farewell, new Promise<void>((resolve) => clock.after(farewellMs, resolve))]);
  }

  /** True when neither a Start or Stop of this session nor a delivery that goes before all others waits. */
  #mayUpdate(id: string): boolean {
    const { failing, isBehind } = this.#spool;
    return !failing && !isBehind && !this.#spool.has(id) && !this.#lanes.isBusy(id);
  }

  #translate(record: JournalRecord): Delivery | undefined {
    const { at } = record;
    if (record.t === 'boot' && record.rebooted) return this.#greeting(at);
    if (record.t === 'usage') {
      for (const row of record.rows) {
        const { id, usage, baselines } = namedRow(row, (of) => this.#interims.get(of)?.mac);
        this.#interims.update(id, at, (session) => ({ ...session, usage, baselines }));
      }
    }
    return record.t === 'session' ? this.#changed(fromPlain(record.session), record.what, at) : undefined;
  }

  #changed(session: Session, what: string, at: number): Delivery | undefined {
    if (!isAuthorized(session) || session.openedAt === undefined) return undefined;
    if (isDone(session)) this.#interims.end(session.id);
    else if (what === 'opened') this.#interims.begin(session, at);
    else this.#interims.update(session.id, at, () => session);
    const kind = what === 'opened' ? 'start' : what === 'closed' ? 'stop' : undefined;
    return kind && { key: session.id, send: () => this.#tell({ kind, session, at }) };
  }

  #greeting(at: number): Delivery {
    return { key: everything, first: true, send: () => this.#greet(at) };
  }

  /** A server that answers other requests, but not this one, does not know Accounting-On. */
  async #greet(at: number): Promise<Arrival> {
    const arrival = await this.#tellService('on', at);
    return arrival === 'silent' && (await this.#parts.isThere()) ? 'refused' : arrival;
  }

  #tell(report: Report): Promise<Arrival> {
    const { nas, clock } = this.#parts;
    return this.#lanes.run(report.session.id, () =>
      this.#send(() => reportAttributes(nas, report, clock.wall())),
    );
  }

  #tellService(kind: 'on' | 'off', at: number): Promise<Arrival> {
    const { nas, clock, newId } = this.#parts;
    const id = newId();
    return this.#send(() => serviceAttributes(nas, kind, id, at, clock.wall()));
  }

  async #send(attributes: () => readonly Attribute[]): Promise<Arrival> {
    await this.#parts.located();
    const outcome = await this.#parts.client
      .request({ code: packetCode.accountingRequest, attributes })
      .catch(unsendable);
    if (outcome.ok || outcome.reason !== 'closed') this.#error = outcome.ok ? '' : outcome.detail;
    this.#answered ||= outcome.ok;
    if (outcome.ok) return 'arrived';
    return outcome.reason === 'timeout' ? 'silent' : 'unreachable';
  }
}

/** A report that cannot be encoded stays in the outbox, where the backlog shows it. */
function unsendable(cause: unknown): Outcome {
  if (!(cause instanceof RadiusError)) throw cause;
  return { ok: false, reason: 'unreachable', detail: `a report cannot be sent: ${cause.message}` };
}

function isOpen(session: Session): boolean {
  return isAuthorized(session) && session.openedAt !== undefined && !isDone(session);
}
