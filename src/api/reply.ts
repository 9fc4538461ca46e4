import type { Refusal, Result } from '../ports/result.js';
import { BadArgument } from './arguments.js';
import type { View } from './view.js';

/** Letters of JSON in one reply: half of what ubus carries. */
const mostLetters = 500_000;

/** The answer to a call: what it made, or why it was refused. */
export function reply<T>(result: Result<T>, view: (value: T) => View): View {
  return result.ok ? view(result.value) : failure(result);
}

/** A business failure, as it stands in a reply. */
export function failure({ code, message, next }: Omit<Refusal, 'ok'>): View {
  return { error: { code, message, ...(next !== undefined && { next: Math.ceil(next / 1000) }) } };
}

/** How a list is cut into pages. */
export interface Paging<T> {
  /** Names an entry: the last one of a page is the next page's `after`. */
  readonly id: (entry: T) => string;
  readonly after: string | undefined;
  readonly limit: number;
  readonly wanted: (entry: T) => boolean;
  /** The error code for an `after` that is no longer kept; the caller must not get the first page instead. */
  readonly unknown: string;
}

/**
 * One page of a list, with `next` where there may be more.
 * @throws {@link BadArgument}
 */
export function pageOf<T>(all: Iterable<T>, paging: Paging<T>): { page: T[]; next: { next?: string } } {
  const { id, after, limit, wanted, unknown } = paging;
  const page: T[] = [];
  let reached = after === undefined;
  for (const entry of all) {
    if (reached && wanted(entry)) page.push(entry);
    if (page.length === limit) break;
    if (id(entry) === after) reached = true;
  }
  if (!reached) throw new BadArgument(unknown, 'after names nothing that is kept');
  return { page, next: page.length === limit ? { next: id(page[limit - 1]!) } : {} };
}

/** As much of a page as goes into one reply, one entry at the least; entries have an `id`. */
export function cutToFit(
  views: readonly View[],
  next: { next?: string },
): { fitting: View[]; next?: string } {
  let room = mostLetters;
  const over = views.findIndex((view) => {
    room -= JSON.stringify(view).length;
    return room < 0;
  });
  if (over < 0) return { fitting: [...views], ...next };
  const fitting = views.slice(0, Math.max(1, over));
  return { fitting, next: String(fitting.at(-1)!.id) };
}
