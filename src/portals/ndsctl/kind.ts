import type { Dialect } from '../../domain/dialect.js';
import type { Rates } from '../../domain/reading.js';

/** What the portals that are asked as `ndsctl` asks them differ in. */
export interface NdsctlKind {
  /** How it writes its clients. */
  readonly dialect: Dialect;
  /** Where its control socket is when the configuration does not say. */
  usualSocket(): string;
  /** The command that lets a client through. */
  auth(client: string, rates: Rates): string;
}
