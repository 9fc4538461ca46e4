import type { View } from '../api/view.js';
import type { Commands } from '../engine/commands.js';
import type { DepositRounds } from '../engine/deposits/rounds.js';
import type { Engine } from '../engine/engine.js';
import type { Logins } from '../engine/logins.js';
import type { Log } from '../ports/log.js';
import type { Store } from '../store/store.js';

/** What the upstreams are put together from. */
export interface UpstreamParts {
  readonly engine: Engine;
  readonly commands: Commands;
  readonly logins: Logins;
  readonly rounds: DepositRounds;
  /** Call when {@link DepositRounds.backends} has changed: the ways to pay are others now. */
  readonly offered: () => void;
  readonly store: Store;
  readonly log: Log;
  /** Where the journal is. */
  readonly directory: string;
  /** The router's name. */
  readonly router: string;
  /** Names this run of the daemon. */
  readonly boot: string;
  /** Makes an id that was never used. */
  readonly newId: () => string;
  /** Calls a method of the ubus object. */
  readonly call: (method: string, args: View) => Promise<View>;
}
