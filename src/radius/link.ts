import type { LocatedNas } from './located.js';
import type { PortPool } from './port-pool.js';
import type { Secured } from './tls/secured.js';
import type { Transport } from './transport.js';

/** What logins, accounting and orders share. */
export interface RadiusLink {
  readonly nas: LocatedNas;
  readonly transport: Transport;
  /** Over TLS, where the connections are shared, too. */
  readonly secured?: Secured;
  readonly pool?: PortPool;
  /** What the log was told last of each server, where several clients would say the same of one connection. */
  readonly told?: Map<string, string>;
}
