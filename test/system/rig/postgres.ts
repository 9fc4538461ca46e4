import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../../rig/free-port.js';

const root = '/usr/lib/postgresql';

/** A PostgreSQL of its own, as Debian has it: an empty cluster in a directory that goes with it. */
export class Postgres {
  readonly url: string;
  readonly #dir: string;
  readonly #bin: string;
  readonly #as: {
    readonly uid: number;
    readonly gid: number;
    readonly stdio: 'ignore';
    readonly cwd: string;
  };
  readonly #settings: string;

  private constructor(bin: string, port: number, settings: readonly string[]) {
    this.#bin = bin;
    this.#dir = mkdtempSync(join(tmpdir(), 'turnpike-postgres-'));
    this.url = `postgres://turnpike@127.0.0.1:${port}/postgres`;
    const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
    // It does not run as root.
    this.#as = { uid: id('-u'), gid: id('-g'), stdio: 'ignore', cwd: this.#dir };
    const places = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#dir}`];
    this.#settings = [...places, ...settings].map((one) => `-c ${one}`).join(' ');
  }

  /** @returns undefined where this machine has no PostgreSQL */
  static async start(settings: readonly string[] = []): Promise<Postgres | undefined> {
    const versions = existsSync(root) ? readdirSync(root).sort() : [];
    const bin = versions
      .map((v) => join(root, v, 'bin'))
      .findLast((path) => existsSync(join(path, 'initdb')));
    if (!bin) return undefined;
    const one = new Postgres(bin, await freeTcpPort(), settings);
    mkdirSync(one.#data);
    for (const path of [one.#dir, one.#data]) chownSync(path, one.#as.uid, one.#as.gid);
    one.#run('initdb', '-D', one.#data, '-A', 'trust', '-U', 'turnpike', '--no-sync');
    const log = join(one.#dir, 'log');
    one.#run('pg_ctl', '-D', one.#data, '-w', '-o', one.#settings, '-l', log, 'start');
    return one;
  }

  /** Ends it without a word, and removes its directory. */
  close(): void {
    spawnSync(join(this.#bin, 'pg_ctl'), ['-D', this.#data, '-m', 'immediate', 'stop'], this.#as);
    rmSync(this.#dir, { recursive: true });
  }

  get #data(): string {
    return join(this.#dir, 'data');
  }

  #run(program: string, ...args: string[]): void {
    execFileSync(join(this.#bin, program), args, this.#as);
  }
}
