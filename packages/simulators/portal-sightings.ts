import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';
import { type Counters, countersOf, hiddenBy, type SimClient } from './portal-client.js';
import type { Reply } from './portal-server.js';

/** One client in a reply, as it was when the reply was printed. */
interface Sighting {
  readonly client: SimClient;
  readonly unread: number;
  readonly counters: Counters;
}

/**
 * What a reader of the portal's replies can know of the bytes that passed. Tests demand of the daemon's books all that
 * was served, less what it had no way to learn of.
 */
export class Sightings {
  readonly #dialect: Dialect;
  readonly #unread = new Map<Mac, number>();
  readonly #doubtful = new Map<Mac, number>();
  /** How often a client's counters began anew: a reply that arrives late may show the counters before. */
  readonly #stays = new WeakMap<SimClient, number>();
  /** What a reply last showed of each client. */
  readonly #shown = new WeakMap<SimClient, Counters>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * Bytes of this device that no reply shows: their counters went before a reply had shown them, or fell and passed
   * where they had last been shown before a reply showed the fall.
   */
  unread(mac: Mac): number {
    return this.#unread.get(mac) ?? 0;
  }

  /** Bytes among {@link unread} that a reply which was torn on its way may have shown all the same. */
  doubtful(mac: Mac): number {
    return this.#doubtful.get(mac) ?? 0;
  }

  /** So many bytes passed, and the counters grew by `counted` of them. */
  moved(client: SimClient, bytes: number, counted: number): void {
    client.unread += counted;
    this.#hide(client.mac, bytes - counted);
  }

  /** The counters begin anew: what they had and no reply has shown is lost to every reader. */
  lose(client: SimClient): void {
    this.#stays.set(client, this.#stayOf(client) + 1);
    this.#hide(client.mac, client.unread);
    client.unread = 0;
  }

  /** A reply that shows these clients. */
  replyOf(text: string, clients: readonly SimClient[]): Reply {
    const sightings = clients.map((client): Sighting => {
      const counters = countersOf(client, this.#dialect, this.#stayOf(client));
      return { client, unread: client.unread, counters };
    });
    return {
      text,
      arrived: (length) => {
        for (const sighting of wholeIn(text, length, sightings)) this.#see(sighting);
      },
      torn: () => {
        for (const { client, unread } of sightings) {
          this.#doubtful.set(client.mac, this.doubtful(client.mac) + unread);
        }
      },
    };
  }

  #see({ client, unread, counters }: Sighting): void {
    const hidden = hiddenBy(this.#shown.get(client), counters);
    this.#shown.set(client, counters);
    if (counters.stay === this.#stayOf(client)) client.unread -= unread;
    else this.#hide(client.mac, -unread);
    this.#hide(client.mac, hidden);
  }

  #hide(mac: Mac, bytes: number): void {
    this.#unread.set(mac, this.unread(mac) + bytes);
  }

  #stayOf(client: SimClient): number {
    return this.#stays.get(client) ?? 0;
  }
}

/** Those whose objects are whole in the first `length` characters: one that was cut off has been shown to nobody. */
function wholeIn(text: string, length: number, sightings: readonly Sighting[]): readonly Sighting[] {
  if (text.length <= length) return sightings;
  let end = 0;
  const firstCut = sightings.findIndex(({ client }) => {
    end = text.indexOf('}', text.indexOf(client.mac, end));
    return end >= length;
  });
  return firstCut < 0 ? sightings : sightings.slice(0, firstCut);
}
