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

/** What a portal puts into the kernel's firewall for itself. */
export interface OwnRules {
  /** For each way in which it does so, by its version: the chains without which it is no gate, as `ip nds_filter ndsNET`. */
  readonly chains: readonly (readonly string[])[];
  /** Flowtables that it fills by itself: packets of the flows in them meet no counter and no cap. */
  readonly flowtables: readonly string[];
  /** What stands in the place of a rule that fills them, so that the portal does not add another one. */
  readonly insteadOfFlow?: string;
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
  /** The portal's name. */
  readonly portal?: string;
  /** What it has in the kernel beside our table. */
  readonly own?: OwnRules;
}
