import { type Arguments, BadArgument, type Signature } from './arguments.js';
import { pageOf } from './reply.js';

/** Arguments of every list, beside its own filters. */
export const listArguments: Signature = {
  search: 'string',
  sort: 'string',
  offset: 'integer',
  limit: 'integer',
  after: 'string',
};

/** Most entries that a list can have; those behind are asked for by a search. */
const farthest = 1_000_000;

/** Letters of a search: a page names some twenty devices by what it alone knows of them. */
const longestSearch = 600;

/** What a list is made of. */
export interface Listing<T> {
  readonly all: Iterable<T>;
  /** Names an entry: the last one of a page is the next page's `after`. */
  readonly id: (entry: T) => string;
  /** The list's own filters. */
  readonly wanted: (entry: T) => boolean;
  /** What people know an entry by. */
  readonly texts: (entry: T) => readonly (string | undefined)[];
  /** What a list can be sorted by, by its name in `sort`. */
  readonly sorts: Readonly<Record<string, (entry: T) => number | string>>;
  readonly most: number;
  /** The error code for an `after` that is no longer kept. */
  readonly unknown: string;
}

/** A page, and how many entries there are on all pages. */
export interface Listed<T> {
  readonly page: T[];
  /** For the page behind this one, where `after` is used. */
  readonly next: { next?: string };
  /** Everything that matches, in the order that was asked for. */
  readonly matching: readonly T[];
}

/**
 * The entries that a caller asks for. A word of `search` is in one of the texts of an entry; `|` stands between words of
 * which one is enough.
 * @throws {@link BadArgument}
 */
export function listed<T>(args: Arguments, listing: Listing<T>): Listed<T> {
  const { all, id, wanted, most, unknown } = listing;
  const after = args.string('after');
  const offset = args.whole('offset', 0, farthest);
  const limit = args.whole('limit', 1, most) ?? most;
  if (after !== undefined && (offset !== undefined || args.has('sort')))
    throw new BadArgument('bad_argument', 'after goes with neither offset nor sort');
  const found = searching(args.string('search', longestSearch), listing.texts);
  const given = [...all];
  const matching = sorted(
    given.filter((entry) => wanted(entry) && found(entry)),
    args.string('sort'),
    listing.sorts,
  );
  if (offset !== undefined || args.has('sort')) {
    const from = offset ?? 0;
    return { page: matching.slice(from, from + limit), next: {}, matching };
  }
  // A search looks at every text of 10,000 sessions: once.
  const matches = new Set(matching);
  const isMatch = (entry: T) => matches.has(entry);
  return { ...pageOf(given, { id, after, limit, wanted: isMatch, unknown }), matching };
}

function searching<T>(text: string | undefined, texts: Listing<T>['texts']): (entry: T) => boolean {
  const words = (text ?? '')
    .toLowerCase()
    .split('|')
    .map((word) => word.trim());
  const wanted = words.filter((word) => word !== '');
  if (wanted.length === 0) return () => true;
  return (entry) =>
    texts(entry).some((one) => {
      const place = one?.toLowerCase();
      return place !== undefined && wanted.some((word) => place.includes(word));
    });
}

/** Entries that compare the same stay in their order. @param by a name, with `-` in front for the last one first */
function sorted<T>(entries: T[], by: string | undefined, sorts: Listing<T>['sorts']): T[] {
  if (by === undefined) return entries;
  const name = by.replace(/^-/, '');
  const keyOf = Object.hasOwn(sorts, name) ? sorts[name] : undefined;
  if (!keyOf) {
    const known = Object.keys(sorts).join(', ');
    throw new BadArgument('bad_argument', `sort must be one of ${known}, with - in front for the reverse`);
  }
  const turn = name === by ? 1 : -1;
  const keyed = entries.map((entry) => ({ entry, key: keyOf(entry) }));
  return keyed.sort((a, b) => turn * compare(a.key, b.key)).map(({ entry }) => entry);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return `${a}` < `${b}` ? -1 : `${a}` > `${b}` ? 1 : 0;
}
