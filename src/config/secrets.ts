import { type Fault, nearest } from './fault.js';
import { type Options, readOptions } from './option.js';
import { SectionReader } from './reader.js';
import { swallowedIn } from './swallowed.js';
import { type FileText, parseUci, type UciSection } from './uci.js';

/** The type of every section in the file of the secrets. */
const type = 'secret';

/** A section of the file. */
interface Secret {
  readonly section: UciSection;
  readonly reader: SectionReader;
}

/** The file of the secrets. Faults there give the line and the names, and never a value. */
export class Secrets {
  readonly #secrets: readonly Secret[];
  /** Those that a section of the configuration has read. */
  readonly #taken = new Set<Secret>();

  /** @param faults takes in what is wrong */
  constructor({ text, file }: FileText, faults: Fault[]) {
    const uci = parseUci(text);
    const nowhere = { file, section: '', code: 'syntax' } as const;
    for (const { line } of [...uci.faults, ...swallowedIn(uci.sections)])
      faults.push({ ...nowhere, line, message: 'this is no UCI' });
    this.#secrets = uci.sections.map((section) => {
      return { section, reader: new SectionReader(file, section, faults, true) };
    });
  }

  /** The secrets of a section of this name; undefined when there are none. */
  of(name: string): SectionReader | undefined {
    const found = this.#secrets.findLast(
      ({ section, reader }) => section.type === type && reader.name === name,
    );
    if (found) this.#taken.add(found);
    return found?.reader;
  }

  /**
   * Reports what no section has read: a misspelt name must not be taken for an absent secret.
   * @param tables of sections that the configuration may get later: LuCI writes the secrets first
   */
  finish(tables: ReadonlyMap<string, Options>): void {
    for (const secret of this.#secrets.filter((one) => !this.#taken.has(one))) {
      const { section, reader } = secret;
      const table = tables.get(reader.name);
      if (section.type !== type) {
        reader.fault('unknown_section', `there is no section type '${section.type}' here: ${type}`);
      } else if (table) {
        readOptions(table, reader);
        reader.finish();
      } else reader.fault('unknown_section', nameless(reader.name, tables.keys()));
    }
  }
}

/** What is wrong with the name of a secret. */
function nameless(name: string, known: Iterable<string>): string {
  if (name === '') return 'needs the name of the section that it is for';
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
  return `no section '${name}' has secrets${hint}`;
}
