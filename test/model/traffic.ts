// What devices move through their gates, and whose it is: what the portals counted, less what no reply has shown.
import type { Mac } from '../../src/domain/mac.js';
import { type Model, macOf, type Place, places } from './model.js';
import type { Session } from './reference.js';
import type { Used } from './terms.js';

const addressOf = (mac: Mac) => `10.0.0.1${mac.at(-1)}`;

export class Traffic {
  readonly #model: Model;
  /** Whose bytes a device moved last at a portal, and how many of the device's no reply shows. */
  readonly #owners = new Map<string, Session>();
  readonly #unread = new Map<string, number>();
  /** Bytes of a session that are in no counter any more: what was not written down by then a crash may take. */
  readonly #exposed = new Map<string, number>();
  /** What the disk had of each session's use at the last crash, until all has been read again. */
  #durable: ReadonlyMap<string, Used> | undefined;
  /** What passed gates that were open for no session that is known to have been sold. */
  readonly #limbo: { mac: Mac; place: Place; up: number; down: number; unread: number }[] = [];
  /** Bytes that a crash may have taken. */
  readonly forgivable = new Map<string, number>();

  constructor(model: Model) {
    this.#model = model;
    for (const place of places) {
      model.router.gatehouses[place].heard = (command) => {
        // MACs and addresses of devices end in their number.
        const who = /^(?:de)?auth [^,]*(\d)(?:,|$)/.exec(command)?.[1];
        if (who !== undefined) this.#began(place, macOf(Number(who)));
      };
    }
  }

  join(who: number, place: Place): void {
    this.#sim(place).join(macOf(who), addressOf(macOf(who)));
  }

  /** The device goes, and its portals forget it. */
  leave(who: number): void {
    for (const place of places) {
      this.#sim(place).leave(macOf(who));
      this.#began(place, macOf(who));
    }
  }

  restart(place: Place, inOrder: boolean): void {
    this.#model.router.gatehouses[place].restart(inOrder);
    this.allBegan(place);
  }

  /** The device moves so many units where its gate is open. */
  carry(who: number, upUnits: number, downUnits: number): void {
    const mac = macOf(who);
    const place = places.find((one) => this.#sim(one).isOpen(mac));
    if (place === undefined) return;
    const sim = this.#sim(place);
    const unit = sim.dialect.bytesPerUnit;
    const owner = this.#ownerOf(mac, place);
    this.note();
    if (owner) this.#owners.set(place + mac, owner);
    else this.#owners.delete(place + mac);
    const [up, down] = [upUnits * unit, downUnits * unit];
    if (!owner) this.#limbo.push({ mac, place, up, down, unread: sim.unread(mac) });
    sim.carry(mac, up, down);
    if (!owner || up + down === 0) return;
    owner.carried.up += up;
    owner.carried.down += down;
    owner.lastByte = this.#model.router.clock.now;
    this.note();
    // "What passes before its next look is not counted", and nobody counts at a portal that is not configured.
    if (this.#model.router.gatehouses[place].isUnseen || !this.#model.isConfigured(place))
      this.#forgivable(owner.id, up + down);
  }

  /** Nobody will ask this portal what this session had moved there since it answered last. */
  left(session: Session, place: Place): void {
    if (this.#owners.get(place + session.mac) !== session) return;
    const { carried, hidden, forgiven, used } = session;
    this.#forgivable(session.id, carried.up + carried.down - hidden - forgiven - used.up - used.down);
  }

  /** A sale turns out to have been made before the daemon died: what its device moved since is this session's. */
  claim(session: Session): void {
    for (const { mac, place, up, down, unread } of this.#limbo) {
      if (mac !== session.mac) continue;
      if (!this.#owners.has(place + mac)) session.hidden += this.#sim(place).unread(mac) - unread;
      this.#owners.set(place + mac, session);
      session.carried.up += up;
      session.carried.down += down;
    }
  }

  /** Nobody else will claim what passed gates without a session. */
  clear(): void {
    this.#limbo.length = 0;
  }

  /** Takes in what no reply will show any more. */
  note(): void {
    for (const place of places)
      for (const who of [1, 2, 3, 4, 5]) {
        const mac = macOf(who);
        const unread = this.#sim(place).unread(mac);
        const more = unread - (this.#unread.get(place + mac) ?? 0);
        this.#unread.set(place + mac, unread);
        const owner = this.#owners.get(place + mac);
        if (owner) owner.hidden += more;
      }
  }

  /** The daemon died with this much of each session's use on the disk: what was in no counter is gone. */
  died(durable: ReadonlyMap<string, Used>): void {
    this.#durable = durable;
    for (const id of this.#exposed.keys()) this.#expose(id);
  }

  /** All has been read since: another crash takes less. */
  settled(): void {
    this.#durable = undefined;
    this.#exposed.clear();
    this.forgivable.clear();
  }

  /** The counters of all devices at a portal begin anew. */
  allBegan(place: Place): void {
    for (const who of [1, 2, 3, 4, 5]) this.#began(place, macOf(who));
  }

  /** The counters of a device begin anew. */
  #began(place: Place, mac: Mac): void {
    this.note();
    const owner = this.#owners.get(place + mac);
    if (!owner) return;
    const { carried, hidden } = owner;
    this.#exposed.set(owner.id, carried.up + carried.down - hidden);
    this.#expose(owner.id);
  }

  #expose(id: string): void {
    if (!this.#durable) return;
    const { up, down } = this.#durable.get(id) ?? { up: 0, down: 0 };
    const lost = this.#exposed.get(id)! - up - down;
    this.forgivable.set(id, Math.max(this.forgivable.get(id) ?? 0, lost));
  }

  #forgivable(id: string, more: number): void {
    this.forgivable.set(id, (this.forgivable.get(id) ?? 0) + more);
  }

  #ownerOf(mac: Mac, place: Place): Session | undefined {
    const { reference, router } = this.#model;
    const mine = reference.running((s) => s.mac === mac);
    const here = mine.filter((s) => s.gateway === place);
    const owner = here.find((s) => s.opened) ?? here[0];
    // A session may have moved with its device in the last moments before the daemon died.
    return owner ?? (router.isDead ? mine[0] : undefined);
  }

  #sim(place: Place) {
    return this.#model.router.gatehouses[place].sim;
  }
}
