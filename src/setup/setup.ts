import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { refuse } from '../domain/refuse.js';
import type { Refusal, Result } from '../ports/result.js';
import { type ChangeInWords, type Changes, changesOf, inWords, textOf } from './changes.js';
import { putBack, putFile } from './files.js';
import { SetupRecords } from './record.js';
import { recordOf, wayBack } from './reversal.js';
import type { Target, Wish } from './target.js';
import { sectionsOf, type Uci } from './uci.js';

/** What a set-up is made with. */
export interface SetupParts {
  readonly uci: Uci;
  /** The folder of turnpike's state. */
  readonly directory: string;
  /** Turnpike's own file in the folder of UCI. */
  readonly own: string;
  /** The port of the page that says where to buy. */
  readonly port: number;
  /** Further ports of the customers' server. @default none */
  readonly also?: readonly number[];
  /** The router's IPv4 address where the customers of this type of gateway are. */
  address(gateway: string | undefined): string | undefined;
  /** Where phones are told what is left, or why that is announced to nobody. */
  readonly api: Result<string>;
  /** The interfaces of all portals. */
  readonly interfaces: readonly string[];
  /** What the caller has chosen. */
  readonly wish?: Wish;
  /** Why it cannot be set up. What was set up can be undone all the same. */
  readonly obstacle?: Refusal;
}

/** Sets up a portal, or something else beside turnpike, and takes that back. */
export class Setup {
  readonly #name: string;
  readonly #target: Target;
  readonly #parts: SetupParts;
  readonly #records: SetupRecords;

  constructor(name: string, target: Target, parts: SetupParts) {
    this.#name = name;
    this.#target = target;
    this.#parts = parts;
    this.#records = new SetupRecords(parts.directory);
  }

  /** What would be changed; nothing is. @throws {@link UciError} */
  async look(): Promise<Result<readonly ChangeInWords[]>> {
    const found = await this.#found();
    return found.ok ? { ok: true, value: inWords(found.value.changes) } : found;
  }

  /** Changes what has to be changed, and keeps how it was. @throws {@link UciError}, {@link StoreError} */
  async apply(): Promise<Result<readonly ChangeInWords[]>> {
    const found = await this.#found();
    if (!found.ok) return found;
    const { changes, key } = found.value;
    const words = inWords(changes);
    if (words.length === 0) return { ok: true, value: words };
    const { uci } = this.#parts;
    const pending = await this.#pending(changes.settings.map(({ file }) => file));
    if (pending) return pending;
    const record = recordOf(this.#records.load(this.#name), changes, { folder: uci.folder, key });
    // Before the first change: what is half done can be undone.
    await this.#records.save(this.#name, record);
    for (const { path, text } of changes.pages) putFile(path, text, 0o644);
    if (changes.settings.length > 0) await uci.write(changes.settings);
    const left = await this.#texts(this.#files);
    const files = record.files.map((one) => ({ ...one, left: left.get(one.file) ?? '' }));
    await this.#records.save(this.#name, { ...record, files });
    const rest = this.#changesIn(left);
    if (rest.ok && inWords(rest.value.changes).length === 0) return { ok: true, value: words };
    return refuse('setup_failed', `uci has not set all options for ${this.#name}: look at its configuration`);
  }

  /**
   * Puts back what was there before. A file that nobody has changed since is put back byte for byte, in others each
   * option that still has what was set.
   * @returns names of options that somebody else has changed since, which stay
   * @throws {@link UciError}, {@link StoreError}
   */
  async undo(): Promise<Result<readonly string[]>> {
    const record = this.#records.load(this.#name);
    if (!record) return refuse('not_set_up', `turnpike has not set up ${this.#name}, or that is undone`);
    const { uci } = this.#parts;
    const files = [...new Set(record.settings.map(({ file }) => file))];
    const pending = await this.#pending(files);
    if (pending) return pending;
    const texts = await this.#texts(files);
    const untouched = record.files.filter(({ file, left }) => left !== '' && texts.get(file) === left);
    const { write, kept } = wayBack(record, texts, new Set(untouched.map(({ file }) => file)));
    if (write.length > 0) await uci.write(write);
    for (const { file, before } of untouched) putFile(join(uci.folder, file), before, 0o600);
    for (const page of record.pages) if (textOf(page.path) === page.after) putBack(page);
    await this.#records.forget(this.#name);
    return { ok: true, value: kept };
  }

  get #files(): string[] {
    const { files, reads = [] } = this.#target;
    return [...files, ...reads, this.#parts.own];
  }

  async #found() {
    return this.#parts.obstacle ?? this.#changesIn(await this.#texts(this.#files));
  }

  /** What is to be changed where `uci` says this of the files. */
  #changesIn(texts: ReadonlyMap<string, string>): Result<{ changes: Changes; key: string }> {
    const { gateway } = this.#target;
    const { own, port, also = [], address, api, interfaces, wish = {} } = this.#parts;
    const sections = new Map([...texts].map(([file, text]) => [file, sectionsOf(text)]));
    const read = (file: string) => sections.get(file);
    const key = this.#records.load(this.#name)?.key ?? randomBytes(32).toString('hex');
    const site = {
      ...{ own, port, also, read, key: () => key, api, interfaces, wish },
      address: address(gateway),
    };
    const plan = this.#target.plan(site);
    return plan.ok ? { ok: true, value: { changes: changesOf(plan.value, read), key } } : plan;
  }

  async #texts(files: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const file of files) {
      const text = await this.#parts.uci.text(file);
      if (text !== undefined) found.set(file, text);
    }
    return found;
  }

  /** Committing would also commit what somebody is in the middle of. */
  async #pending(files: readonly string[]): Promise<Refusal | undefined> {
    const [file] = await this.#parts.uci.pending(files);
    if (file === undefined) return undefined;
    const what = `${file} has changes that are not committed`;
    return refuse('setup_impossible', `${what}: commit or revert them first (uci changes ${file})`);
  }
}
