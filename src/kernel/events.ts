/** Something wrote into the ruleset: one transaction of one program. */
export interface Written {
  /** Whose transaction it was, as the kernel sees the process; undefined when nft does not say. */
  readonly pid: number | undefined;
  /** The tables that it touched, as `inet fw4`. Undefined: events were lost, so it may be any. */
  readonly tables: ReadonlySet<string> | undefined;
  /** Those of them that were deleted. */
  readonly deleted?: ReadonlySet<string>;
}

/** As much of a line is looked at as names the table, in bytes: lines with elements may be megabytes. */
const headBytes = 256;
/** Names of tables that are kept of one transaction. */
const mostTables = 256;
const newline = 10;

/** `add rule inet fw4 input ...`, `delete element inet turnpike live { ... }`, `add table ip nds_filter`. */
const eventForm = /^(\w+ \w+) (\w+ [\w.-]+)/;
/** The end of a transaction. */
const generationForm = /^# new generation \d+(?: by process (\d+))?/;
/** netlink(7): nft was not fast enough, and the kernel dropped events. */
const lostForm = /^# ERROR/;

/**
 * Reads what `nft monitor` prints: a line for each event, and one at the end of each transaction. Keeps the
 * beginning of one line and the names of tables, whatever comes.
 */
export class RulesetEvents {
  readonly #tell: (written: Written) => void;
  #head = '';
  #tables = new Set<string>();
  #deleted = new Set<string>();

  constructor(tell: (written: Written) => void) {
    this.#tell = tell;
  }

  /** Takes in the next bytes of the stream. */
  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#keep(chunk, from, end);
      this.#line(this.#head);
      this.#head = '';
      from = end + 1;
    }
    this.#keep(chunk, from, chunk.length);
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const room = headBytes - this.#head.length;
    if (room > 0 && to > from) this.#head += chunk.toString('latin1', from, Math.min(to, from + room));
  }

  #line(line: string): void {
    const [, what, table] = eventForm.exec(line) ?? [];
    const generation = generationForm.exec(line);
    if (table !== undefined) {
      if (this.#tables.size < mostTables) this.#tables.add(table);
      if (what === 'delete table' && this.#deleted.size < mostTables) this.#deleted.add(table);
      else if (what === 'add table') this.#deleted.delete(table);
    } else if (lostForm.test(line)) {
      this.#end({ pid: undefined, tables: undefined });
    } else if (generation) {
      const pid = generation[1] === undefined ? undefined : Number(generation[1]);
      this.#end({ pid, tables: this.#tables, deleted: this.#deleted });
    }
  }

  #end(written: Written): void {
    this.#tables = new Set();
    this.#deleted = new Set();
    this.#tell(written);
  }
}
