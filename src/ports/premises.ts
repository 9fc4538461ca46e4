import type { Mac } from '../domain/mac.js';

/** A destination that a portal's owner has opened to everybody. */
export interface OpenTo {
  /** All protocols when absent. */
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  /** All ports when absent. */
  readonly port?: number;
  /** An address or a network of either family; everywhere when absent. */
  readonly to?: string;
}

/** Where one portal's customers are, and what passes there without a session: uncounted, and for everybody. */
export interface Premises {
  /** Names of network interfaces, as the kernel sees a customer's packets come in: bridges, VLANs. */
  readonly interfaces: readonly string[];
  /** A device without a session passes nothing. Otherwise only devices that turnpike knows are held. */
  readonly exclusive: boolean;
  /** Devices that need no session. */
  readonly trusted: readonly Mac[];
  /** Destinations that need no session. */
  readonly open: readonly OpenTo[];
}
