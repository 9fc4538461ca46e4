import type { Disk } from './disk.js';
import { pruneEvidence } from './evidence.js';
import { Keepsake } from './keepsake.js';

/** Sentences that are kept; the oldest ones, for what followed is of less interest. */
const most = 20;
const unreadable = 'what was found damaged before cannot be read any more';

/**
 * What was found damaged or missing, in sentences for the owner, until they acknowledge it. It is in a file, for a
 * restart finds a journal that has been summed up, and nothing wrong with it.
 */
export class Damages {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #file: Keepsake;
  #texts: string[];
  #saved: Promise<void> = Promise.resolve();
  /** The disk has refused it last. */
  #isOwed = false;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#file = new Keepsake(directory, 'damages', disk);
    const { texts } = (this.#file.load() ?? {}) as { texts?: unknown };
    this.#texts = Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
    if (texts === undefined && this.#file.isThere) this.#texts = [unreadable];
  }

  /** The oldest first. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Resolves when it is in the file, or the disk has refused it: then {@link settle} tries again. */
  note(texts: readonly string[]): Promise<void> {
    const added = texts.filter((text) => !this.#texts.includes(text));
    if (added.length === 0) return this.#saved;
    this.#texts = [...this.#texts, ...added].slice(0, most);
    return this.#save();
  }

  /** The owner has seen it. @returns how many sentences there were */
  async acknowledge(): Promise<number> {
    const { length } = this.#texts;
    this.#texts = [];
    if (length > 0) await this.#save();
    this.#prune();
    return length;
  }

  /** Writes what the disk has refused, and lets go of the oldest files that were put aside. */
  settle(): Promise<void> {
    this.#prune();
    return this.#isOwed ? this.#save() : this.#saved;
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.#saved;
  }

  #prune(): void {
    pruneEvidence(this.#disk, this.#directory, this.#texts.length > 0 ? 'told' : 'acknowledged');
  }

  #save(): Promise<void> {
    this.#saved = this.#saved
      .then(() => this.#file.save({ texts: this.#texts }))
      .then(
        () => {
          this.#isOwed = false;
        },
        () => {
          this.#isOwed = true;
        },
      );
    return this.#saved;
  }
}
