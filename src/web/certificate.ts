import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';

/** How often the files are looked at, in ms: certificates are renewed every few weeks. */
const lookMs = 60_000;

/** The files of a certificate with its chain, and of its key, as PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that can be used. */
export interface Loaded {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The names that it is for; none with a wildcard. */
  readonly names: readonly string[];
  isFor(name: string): boolean;
}

/** Keeps the certificate as its files have it. What cannot be used is said once, and the last good one stays. */
export class CertificateWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changed: () => void;
  #files: CertificateFiles | undefined;
  #seen = '';
  #cancel: (() => void) | undefined;
  loaded: Loaded | undefined;

  /** @param changed is called when {@link loaded} is another one */
  constructor(clock: Clock, log: Log, changed: () => void) {
    this.#clock = clock;
    this.#log = log;
    this.#changed = changed;
  }

  apply(files: CertificateFiles | undefined): void {
    const isSame = files?.certificate === this.#files?.certificate && files?.key === this.#files?.key;
    this.#files = files;
    if (!isSame) {
      this.#seen = '';
      this.loaded = undefined;
    }
    this.#look();
  }

  stop(): void {
    this.#cancel?.();
    this.#files = undefined;
    this.loaded = undefined;
  }

  #look(): void {
    this.#cancel?.();
    if (!this.#files) return;
    this.#cancel = this.#clock.after(lookMs, () => this.#look());
    const seen = [this.#files.certificate, this.#files.key].map(stamp).join();
    if (seen === this.#seen) return;
    this.#seen = seen;
    try {
      this.loaded = load(this.#files);
      this.#changed();
    } catch (cause) {
      const stays = this.loaded ? 'the one before it stays' : 'there is no HTTPS';
      this.#log('error', `page: the certificate cannot be used (${reasonOf(cause)}): ${stays}`);
    }
  }
}

/** Changes when the file does. */
function stamp(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return '';
  }
}

/** @throws Error that says in words which file cannot be read or used, or that the two do not belong together */
export function load({ certificate, key: keyFile }: CertificateFiles): Loaded {
  const [cert, key] = [read(certificate), read(keyFile)];
  const parsed = inWords(`${certificate} is no certificate in PEM`, () => new X509Certificate(cert));
  const own = inWords(`${keyFile} is no private key in PEM, or needs a password`, () =>
    createPrivateKey(key),
  );
  if (!parsed.checkPrivateKey(own)) {
    throw new Error(`${keyFile} is not the key of the first certificate in ${certificate}`);
  }
  createSecureContext({ cert, key });
  const names = [...(parsed.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!);
  return {
    ...{ cert, key, names: names.filter((name) => !name.includes('*')) },
    isFor: (name) => parsed.checkHost(name) !== undefined,
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

/** What OpenSSL says of a file is for programmers. */
function inWords<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new Error(what, { cause });
  }
}
