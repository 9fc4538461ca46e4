import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseUci } from '../config/uci.js';
import type { OwnSection } from '../ports/portal.js';
import { reasonOf } from '../system-error.js';
import { nameOf } from './sections.js';
import type { Setting } from './target.js';

/** Why UCI files could not be changed. `missing`: there is no `uci`; `failed`: it did not do it, see the message. */
export class UciError extends Error {
  override readonly name = 'UciError';
  readonly code: 'missing' | 'failed';

  constructor(code: UciError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How long `uci` may take, in ms. It takes some 10. */
const limitMs = 20_000;

/** A change of an option: what it has now decides what there is to take away. */
export type Written = Pick<Setting, 'file' | 'section' | 'option' | 'value'> & {
  readonly now: Setting['value'];
};

/** OpenWrt's `uci` (uci/cli.c), started for each call with no shell in between. */
export class Uci {
  readonly #program: string;
  readonly #folder: string;

  /** `folder`: where the files are, `/etc/config` on a router. */
  constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  /** The folder of the files. */
  get folder(): string {
    return this.#folder;
  }

  /**
   * What a file says, in the form in which `uci` writes it; undefined when there is none.
   * @throws {@link UciError} also for a file that `uci` cannot read
   */
  async text(file: string): Promise<string | undefined> {
    const path = join(this.#folder, file);
    if (!existsSync(path)) return undefined;
    const { code, out } = await this.#run(['-q', 'export', file]);
    if (code === 0) return out;
    throw new UciError('failed', `uci cannot read ${path}: see what uci show ${file} says`);
  }

  /** Which of the files have changes that somebody has made and not committed. @throws {@link UciError} */
  async pending(files: readonly string[]): Promise<string[]> {
    const { out } = await this.#run(['-q', 'changes']);
    const names = out.split('\n').map((line) => line.replace(/^-/, ''));
    return files.filter((file) => names.some((name) => name.startsWith(`${file}.`)));
  }

  /** Sets options and commits their files. On a failure nothing is committed. @throws {@link UciError} */
  async write(changes: readonly Written[]): Promise<void> {
    const files = [...new Set(changes.map(({ file }) => file))];
    const lines = changes.flatMap(linesOf);
    const { complaint } = await this.#run(['batch'], lines.map((line) => `${line}\n`).join(''));
    if (complaint !== '') {
      for (const file of files) await this.#run(['-q', 'revert', file]);
      throw new UciError('failed', `uci did not take the changes: ${complaint.split('\n')[0]}`);
    }
    const commits = files.map((file) => `commit ${file}\n`).join('');
    const { complaint: unwritten } = await this.#run(['batch'], commits);
    if (unwritten !== '') throw new UciError('failed', `uci cannot write in ${this.#folder}: ${unwritten}`);
  }

  async #run(
    args: readonly string[],
    script = '',
  ): Promise<{ code: number | null; out: string; complaint: string }> {
    const child = spawn(this.#program, ['-c', this.#folder, ...args], { stdio: 'pipe' });
    // Its own option `timeout` would go on for a program that never started.
    const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    // A program that ends before it has read everything says why on its standard error.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
    try {
      const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (code === null) throw new UciError('failed', `uci was not done within ${limitMs / 1000} s`);
      return { code, out, complaint: complaint.trim() };
    } catch (cause) {
      if (cause instanceof UciError) throw cause;
      const why = `${this.#program} cannot be started (${reasonOf(cause)}): options are set by OpenWrt's uci`;
      throw new UciError('missing', why, { cause });
    } finally {
      clearTimeout(late);
    }
  }
}

/** The sections of a file as `uci` has written it. */
export function sectionsOf(text: string): readonly OwnSection[] {
  return parseUci(text).sections;
}

function linesOf({ value, now, ...setting }: Written): string[] {
  const name = nameOf(setting);
  const entries = typeof value === 'string' ? undefined : (value ?? []);
  if (!entries) return [`set ${name}=${quoted(value as string)}`];
  const gone = now === undefined ? [] : [`delete ${name}`];
  return [...gone, ...entries.map((entry) => `add_list ${name}=${quoted(entry)}`)];
}

/** A value as the grammar of UCI has it. @throws {@link UciError} `failed` for one with a line end, or another control */
function quoted(value: string): string {
  if (/\p{Cc}/u.test(value))
    throw new UciError('failed', 'a value with a line end in it cannot be set by uci');
  return `'${value.replaceAll("'", "'\\''")}'`;
}
