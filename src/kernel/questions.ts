import type { Listing } from './listing.js';
import type { Marks } from './marks.js';
import { sets, table } from './names.js';

/** What nft fetches from the kernel before it says anything of an object, by its version. */
type Fetched =
  /** Nobody knows. */
  | 'unknown'
  /** The whole ruleset, unless lines before have named one set and one chain: then these of their table, and its objects. */
  | 'held'
  /** The object that the last line names, and no other one that was asked for before; all where that names none. */
  | 'last';

/** Objects that are asked for by name: as many as fit well into one call. */
export const mostNamed = 500;
/** A call of nft more takes as long as to fetch what so many sessions have. */
const sessionsOfCall = 1_000;
/** Names no object. */
const namesNone = 'list tables';

/**
 * How nft is asked for objects such that it fetches little: of 10,000 sessions all that the table has takes it 260 ms, the
 * objects 60 to 100 ms, and one object 3 ms.
 */
export class Questions {
  readonly #holding: readonly string[];
  #fetched: Fetched = 'unknown';
  #sessions = 0;

  constructor(marks: Marks) {
    // A set with few elements, and a chain whose rules look nothing up.
    const [chain] = marks.groups[0]!.chains.keys();
    this.#holding = [`list set ${table} ${sets.sale}`, `list chain ${table} ${chain}`];
  }

  /** Takes in the whole table, and the version of the nft that has listed it. */
  note({ version, counters }: Pick<Listing, 'version' | 'counters'>): void {
    if (version !== undefined) this.#fetched = fetchedBy(version);
    this.#sessions = counters.size / 2;
  }

  /** Scripts that list these objects, {@link mostNamed} at the most, one after the other. */
  named(kind: 'quota' | 'counter', names: readonly string[]): string[] {
    const lines = names.map((name) => `list ${kind} ${table} ${name}`);
    const isEach = this.#fetched === 'last' && lines.length <= 1 + this.#sessions / sessionsOfCall;
    if (isEach) return lines.map((line) => this.#script([line]));
    return lines.length > 0 ? [this.#script(lines)] : [];
  }

  /** Arguments with which nft lists all counters as JSON. */
  get counters(): readonly string[] {
    const lists = [...(this.#fetched === 'held' ? this.#holding : []), `list counters table ${table}`];
    return ['-j', lists.join('; ')];
  }

  #script(lines: readonly string[]): string {
    if (this.#fetched === 'held') return [...this.#holding, ...lines, ''].join('\n');
    return [...lines, ...(lines.length > 1 ? [namesNone] : []), ''].join('\n');
  }
}

/** As `evaluate_cache_list` in nft's cache.c has it; before 1.0.6 nobody has looked. */
function fetchedBy(version: string): Fetched {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const number = (major * 100 + minor) * 100 + patch;
  if (number >= 1_01_01) return 'last';
  return number >= 1_00_06 ? 'held' : 'unknown';
}
