import type { Mac } from '../domain/mac.js';
import { isUsable, type Session } from '../domain/session.js';
import type { Accounts } from './accounts.js';
import type { Watch } from './watch.js';

/** The portals at work, by name. */
export class Watches {
  readonly #watches = new Map<string, Watch>();
  readonly #lookedAt = new Map<string, number>();

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

  /** Resolves when nothing is under way for a session's gate. */
  async atRest(session: Session): Promise<void> {
    await this.of(session)?.gates.atRest(session.mac);
  }

  /** Stops looking at every portal. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map((watch) => watch.stop()));
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

  /** When this portal last answered a look of this run, whichever watch it was: wall clock, in ms. */
  lookedAt(name: string): number | undefined {
    return this.#lookedAt.get(name);
  }

  /** A portal has answered a look, with news of those whom it `told`; `at`: wall clock, in ms. */
  looked(accounts: Accounts, gateway: string, told: ReadonlySet<Mac>, at: number): void {
    this.#lookedAt.set(gateway, at);
    this.#adopt(accounts, gateway, told);
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

  /**
   * Moves to a portal the sessions that wait elsewhere and whose device it lists: those of whom it has `told` news, for
   * the device has come there, and those whose own portal does not list the device, though the kernel may have let it
   * pass. A portal that has not answered yet keeps its sessions: after a restart the device may be there, with its gate open.
   */
  #adopt(accounts: Accounts, gateway: string, told: ReadonlySet<Mac>): void {
    for (const session of [...accounts.book.running()]) {
      const { id, mac } = session;
      if (session.gateway === gateway || !isUsable(session)) continue;
      const [own, there] = [this.of(session), this.get(gateway)];
      if (session.state === 'active' && own?.gates.knows(mac)) continue;
      if (!there?.gates.knows(mac) || own?.health.status.state === 'starting') continue;
      if (own?.gates.knows(mac) && !told.has(mac)) continue;
      if (this.#leavesOpen(session)) accounts.noteLeft(session.gateway, mac, false);
      accounts.change(id, { type: 'moved', gateway }, 'moved');
      own?.abandon(session);
      there.gates.reconcile(mac);
    }
  }
}
