import type { Mac } from '../domain/mac.js';

/** A destination that a portal's owner has opened to everybody, or shut where a later rule would open it. */
export interface OpenTo {
  /** All protocols when absent. */
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  /** All ports when absent. */
  readonly port?: number;
  /** The last port of a range that begins with `port`. */
  readonly lastPort?: number;
  /** An address or a network of either family; everywhere when absent. */
  readonly to?: string;
  /** The owner has shut it: no later rule opens it. */
  readonly shut?: true;
}

/** Names that a portal's owner has opened to everybody, with the addresses that they have now. */
export interface Garden {
  /** Ports of TCP; everything is open when there are none. */
  readonly ports: readonly number[];
  /** Of both families. They change as customers look names up, and no rule has to be made anew for them. */
  readonly addresses: readonly string[];
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

/** What devices without a session find at the router where no portal's program stands before them. */
export interface Front {
  /** The port of the customers' page; they find none when absent. */
  readonly page?: number;
  /** Further ports of the customers' server. @default none */
  readonly also?: readonly number[];
  /** Their plain web pages lead to it. */
  readonly redirect: boolean;
  /** Whose names they get: of the router where they ask it, or of the router whomever they ask. */
  readonly dns: 'router' | 'any';
}

/** Where one portal's customers are, and what passes there without a session: uncounted, and for everybody. */
export interface Premises {
  /** Names of network interfaces, as the kernel sees a customer's packets come in: bridges, VLANs. */
  readonly interfaces: readonly string[];
  /** A device without a session passes nothing. Otherwise only devices that turnpike knows are held. */
  readonly exclusive: boolean;
  /** Devices that need no session. */
  readonly trusted: readonly Mac[];
  /** Destinations that need no session; the first one that fits a packet decides. */
  readonly open: readonly OpenTo[];
  readonly garden?: Garden;
  /** Devices that pass nothing, whatever they buy. */
  readonly denied?: readonly Mac[];
  /** Absent where a portal's program stands before them. */
  readonly front?: Front;
  /** The portal's name. */
  readonly portal?: string;
  /** What it has in the kernel beside our table. */
  readonly own?: OwnRules;
}

/** Where a portal keeps the addresses of names that are open to everybody. */
export interface GardenPlace {
  readonly ports: readonly number[];
  /** Tables of nftables in which its set may be: `inet nds_filter`. */
  readonly tables: readonly string[];
  readonly set: string;
  /** The set of those of IPv6, where that is another one. */
  readonly set6?: string;
  /** The commands of nft that make table and sets where there are none: somebody else fills them. */
  readonly make?: string;
}

/** What a portal's own configuration says of its premises. */
export interface OwnPremises {
  readonly interfaces: readonly string[];
  readonly trusted: readonly Mac[];
  readonly open: readonly OpenTo[];
  /** Absent when no names are open. */
  readonly garden?: GardenPlace;
  /** Devices that pass nothing, whatever they buy. @default none */
  readonly denied?: readonly Mac[];
  /** The ports of the customers' server are not the portal's. Absent where a portal's program stands before devices without a session. */
  readonly front?: Omit<Front, 'page' | 'also'>;
  /** What could not be taken over and why, a sentence each. */
  readonly faults: readonly string[];
}
