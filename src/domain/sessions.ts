import { LongList } from './long-list.js';
import type { Mac } from './mac.js';
import { type PlainSession, toPlain } from './record.js';
import { isDone, type Session } from './session.js';

/** Sessions that have ended and are still shown. */
const keptDone = 1000;

/** All sessions, by device and by user, in the order in which they were begun. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  /** Those that have not ended: they are walked through at every look. */
  readonly #running = new Map<string, Session>();
  readonly #byMac = new Map<Mac, Set<string>>();
  readonly #byUser = new Map<string, Set<string>>();
  /** Those that have ended, in the order in which they did. */
  readonly #done = new Set<string>();
  readonly #isNeeded: (id: string) => boolean;

  /** @param isNeeded whether an ended session is kept, however old it is: its deposits are still to be charged */
  constructor(isNeeded: (id: string) => boolean) {
    this.#isNeeded = isNeeded;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** All of them for a snapshot, as they are now. */
  toPlain(): LongList<PlainSession> {
    return LongList.of(this.all(), toPlain);
  }

  /** Sessions of a device that have not ended. */
  runningOfMac(mac: Mac): Session[] {
    return this.#pick(this.#byMac.get(mac));
  }

  /** Sessions of a user that have not ended. */
  runningOfUser(user: string): Session[] {
    return this.#pick(this.#byUser.get(user));
  }

  /** How many have not ended. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Every session that has not ended. */
  running(): IterableIterator<Session> {
    return this.#running.values();
  }

  /** Puts a newer state of a session in the place of the old one. */
  replace(session: Session): void {
    const before = this.#sessions.get(session.id);
    this.#sessions.set(session.id, session);
    if (before && isIndexedAs(before, session)) {
      this.#running.set(session.id, session);
      return;
    }
    if (before && before.mac !== session.mac) unindex(this.#byMac, before.mac, session.id);
    if (before?.user !== session.user) unindex(this.#byUser, before?.user, session.id);
    if (isDone(session)) {
      this.#running.delete(session.id);
      unindex(this.#byMac, session.mac, session.id);
      unindex(this.#byUser, session.user, session.id);
      this.#retire(session.id);
    } else {
      this.#running.set(session.id, session);
      index(this.#byMac, session.mac, session.id);
      index(this.#byUser, session.user, session.id);
    }
  }

  /** Takes a session out. */
  remove({ id, mac, user }: Session): void {
    unindex(this.#byMac, mac, id);
    unindex(this.#byUser, user, id);
    this.#sessions.delete(id);
    this.#running.delete(id);
    this.#done.delete(id);
  }

  #retire(id: string): void {
    this.#done.add(id);
    for (const oldest of this.#done) {
      if (this.#done.size <= keptDone) return;
      if (this.#isNeeded(oldest)) continue;
      this.#done.delete(oldest);
      this.#sessions.delete(oldest);
    }
  }

  #pick(ids: ReadonlySet<string> | undefined): Session[] {
    return [...(ids ?? [])].map((id) => this.#sessions.get(id)!);
  }
}

/** Both are found in the same way: by far the most often nothing else has changed. */
function isIndexedAs(before: Session, session: Session): boolean {
  return before.mac === session.mac && before.user === session.user && !isDone(before) && !isDone(session);
}

function index<K>(map: Map<K, Set<string>>, key: K | undefined, id: string): void {
  if (key === undefined) return;
  const ids = map.get(key);
  if (ids) ids.add(id);
  else map.set(key, new Set([id]));
}

function unindex<K>(map: Map<K, Set<string>>, key: K | undefined, id: string): void {
  if (key === undefined) return;
  const ids = map.get(key);
  ids?.delete(id);
  if (ids?.size === 0) map.delete(key);
}
