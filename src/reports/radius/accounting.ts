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
  /** Resolves when the address of the NAS is known, or cannot be: a session must not change its name on the way. */
  readonly located: () => Promise<void>;
  /** The server answers something else. */
  readonly isThere: () => Promise<boolean>;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Time between interim updates where the server said none. */
  readonly interim: Millis;
  /** An id that was never used, for the service as a whole. */
  readonly newId: () => string;
  /** The sessions of this run's beginning. */
  readonly sessions: Iterable<Session>;
  /** Wall clock of the newest record at that time, ms since 1970. */
  readonly at: number;
}

/** A server hears of the end of a session for so long before its user's next login goes on without. */
const patienceMs = 3_000;
/** And of the end of the service, when it is switched off. */
const farewellMs = 5_000;
/** The key of what concerns all sessions. */
const everything = '';

/**
 * Accounting (RFC 2866): every Start and Stop from the journal's outbox until the server has acknowledged it, and interim
 * updates, which are worth nothing when the next one is there, at their time and only when nothing else waits.
 */
export class Accounting {
  readonly #parts: AccountingParts;
  readonly #spool: Spool;
  readonly #interims: Interims;
  /** An interim update that is still sent again when its Stop has arrived would overwrite the bill. */
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

  /** Nothing of more weight waits, for this session or before all others. */
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

  /** Who answers, but not to this, does not know an Accounting-On. */
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

/** What cannot be put into a packet stays with the outbox, where it can be seen. */
function unsendable(cause: unknown): Outcome {
  if (!(cause instanceof RadiusError)) throw cause;
  return { ok: false, reason: 'unreachable', detail: `a report cannot be sent: ${cause.message}` };
}

function isOpen(session: Session): boolean {
  return isAuthorized(session) && session.openedAt !== undefined && !isDone(session);
}
