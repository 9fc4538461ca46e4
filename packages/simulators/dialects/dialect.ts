import { type Dialect, openState } from '../../../src/domain/dialect.js';
import type { SimClient } from '../portal-client.js';

/**
 * What differs between the portal programs that {@link SimulatedPortal} plays: what they print, and what their commands
 * do to a client. Another dialect is another file of this folder and its line in `registry.ts`.
 */
export interface SimulatedDialect {
  /** How the daemon under test reads this portal. */
  readonly dialect: Dialect;
  /** The program's name as its authors write it. */
  readonly title: string;
  /** The reply to `json`, byte for byte as the program prints it but for the values. */
  printAll(clients: readonly SimClient[]): string;
  /** The reply to `json CLIENT`; undefined where the portal knows no such client. */
  printOne(client: SimClient | undefined): string;
  /** Reads what follows `auth`. Rates are in kbit/s, 0 for none. */
  parseAuth(argument: string): { readonly name: string; readonly upRate: number; readonly downRate: number };
  /** `auth` starts the session and its counters anew; otherwise `deauth` does, with a new token. */
  readonly startsAtAuth: boolean;
  /** `deauth` forgets the client; otherwise it stays, shut. */
  readonly forgetsAtDeauth: boolean;
  /** `auth` lets in a device that is not listed, if it is in the neighbour table of the kernel. */
  readonly findsUnlisted: boolean;
  /** A restart brings the clients back as they were when the program stopped; otherwise shut and at zero. */
  readonly keepsClients: boolean;
}

/** The client's state as both programs print it. */
export function stateOf(client: SimClient): string {
  return client.open ? openState : 'Preauthenticated';
}
