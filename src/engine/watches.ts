import type { Mac } from '../domain/mac.js';
import { isUsable, type Session } from '../domain/session.js';
import type { Accounts } from './accounts.js';
import type { Watch } from './watch.js';

/** The portals at work, by name. */
export class Watches {
  readonly #watches = new Map<string, Watch>();

  get all(): readonly Watch[] {
    return [...this.#watches.values()];
  }

  get(name: string): Watch | undefined {
    return this.#watches.get(name);
  }

  /** The watch of a session's portal. */
  of({ gateway }: Pick<Session, 'gateway'>): Watch | undefined {
    return this.#watches.get(gateway);
  }

  /** The device of a session is listed by its portal. */
  lists(session: Session): boolean {
    return this.of(session)?.gates.knows(session.mac) ?? false;
  }

  put(watch: Watch): void {
    this.#watches.set(watch.name, watch);
  }

  /** Removes a watch. */
  take(name: string): Watch | undefined {
    const watch = this.#watches.get(name);
    this.#watches.delete(name);
    return watch;
  }

  /** Moves the sessions of this device that wait on other portals to this portal. */
  adopt(accounts: Accounts, mac: Mac, gateway: string): void {
    for (const session of accounts.book.runningOfMac(mac)) {
      if (session.gateway === gateway || !isUsable(session) || session.state === 'active') continue;
      if (this.#leavesOpen(session)) accounts.noteLeft(session.gateway, mac, false);
      accounts.change(session.id, { type: 'moved', gateway }, 'moved');
      this.of(session)?.abandon(session);
    }
  }

  /** The gate of a session may be open at its portal, which may be deaf, or not taken up. */
  #leavesOpen(session: Session): boolean {
    const watch = this.of(session);
    if (watch?.gates.mayBeOpen(session.mac)) return true;
    return session.openedAt !== undefined && !watch?.health.isUp;
  }

  /** The watch whose portal lists a device; with one portal only, that one. */
  listing(mac: Mac): Watch | undefined {
    const { all } = this;
    return all.find(({ gates }) => gates.knows(mac)) ?? (all.length === 1 ? all[0] : undefined);
  }
}
