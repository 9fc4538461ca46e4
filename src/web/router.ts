import type { Route } from '../ports/web.js';

/** A route that fits a request, with the parts of the path that it names. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** What became of the search: no path fits, or some do and none has the method. */
export type Found = Match | { readonly allowed: readonly string[] };

/** Finds the route of a request; the first one that fits counts, one with `*` after all others. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly parts: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    const isWide = ({ path }: Route) => path.endsWith('*');
    const ordered = [...routes.filter((r) => !isWide(r)), ...routes.filter(isWide)];
    this.#routes = ordered.map((route) => ({ route, parts: route.path.split('/') }));
  }

  find(method: string, path: string): Found {
    const given = path.split('/');
    const allowed = new Set<string>();
    for (const { route, parts } of this.#routes) {
      const params = paramsOf(parts, given);
      if (!params) continue;
      if (route.method === '*' || route.method === (method === 'HEAD' ? 'GET' : method)) {
        // Another method of a page is no reason to show the page that answers everything else.
        if (!route.path.endsWith('*') || allowed.size === 0) return { route, params };
      } else allowed.add(route.method);
    }
    return { allowed: [...allowed] };
  }
}

function paramsOf(parts: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  const isWide = parts.at(-1) === '*';
  if (isWide ? given.length < parts.length : given.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    if (isWide && at === parts.length - 1) break;
    const is = given[at]!;
    if (!part.startsWith(':')) {
      if (part !== is) return undefined;
      continue;
    }
    const value = decoded(is);
    if (value === undefined || value === '') return undefined;
    params[part.slice(1)] = value;
  }
  return params;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
