import type { Dialect } from '../src/domain/dialect.js';
import type { PortalFault } from '../src/domain/reading.js';
import type { Patience } from '../src/portals/ndsctl/patience.js';
import type { ControlTarget } from '../src/portals/ndsctl/socket.js';

/** What the main thread hands to a worker: one look at one portal. */
export interface PollTask {
  readonly target: ControlTarget;
  readonly dialect: Dialect;
  /** The portal's ledger. */
  readonly buffer: SharedArrayBuffer;
  readonly patience: Partial<Patience>;
  /** The whole look takes no longer than this, in ms: the worker ends it by its own clock. */
  readonly limitMs: number;
  /** The lag after the last request. */
  readonly lag: number;
  /** MACs that the present life of the portal once did not list: whoever they are let in by, it is no file. */
  readonly unlisted: ReadonlySet<number>;
}

/** What comes back: never the reply itself. */
export type PollResult =
  | {
      readonly ok: true;
      readonly complete: boolean;
      readonly clients: number;
      readonly odd: number;
      /** Rows of {@link columns} numbers each, one for each client that changed. */
      readonly rows: Float64Array;
      /** Clients for whom the ledger had no room: make some and look again. */
      readonly unmetered: number;
      /** How long the scan of the reply had the processor, in ms. */
      readonly busyMs: number;
      readonly tookMs: number;
      /** Connections that wait at the portal without its knowing. */
      readonly lag: number;
      /** When the portal that replied was started; 0 where nothing tells. */
      readonly life: number;
    }
  | { readonly ok: false; readonly reason: PortalFault; readonly detail: string; readonly tookMs: number };

/** The place of each number in a row. `up` and `down` are bytes that are not booked yet. */
export const column = {
  slot: 0,
  mac: 1,
  ip: 2,
  up: 3,
  down: 4,
  flags: 5,
  lastUp: 6,
  lastDown: 7,
  epoch: 8,
} as const;
export const columns = 9;

/** Bits of a row's flags. */
export const flag = {
  /** The portal lets this client through. */
  open: 1,
  /** A complete reply no longer lists it. */
  gone: 2,
  /** Listed for the first time, or again after it was gone. */
  fresh: 4,
  /** The counters began anew. */
  reset: 8,
  /** Open when a restarted portal was first seen, and not known to be opened by turnpike since its start. */
  restored: 16,
} as const;

/** What the main thread hands to a worker: one look at the counters in the kernel. */
export interface CounterTask {
  /** The nft program, and what makes it list the counters as JSON. */
  readonly file: string;
  readonly args: readonly string[];
  /** For each index the bytes up and down that were last told, as doubles. */
  readonly told: SharedArrayBuffer;
  /** The whole look takes no longer than this, in ms. */
  readonly limitMs: number;
  /** What connections have moved is noted, too, right after the counters were read. */
  readonly baseline?: BaselineTask;
}

/** One pass over all connections that the kernel follows. */
interface ConnectionsTask {
  /** `/proc/net/nf_conntrack`, or a descriptor of it, which stays open. */
  readonly file: string | number;
  /** What earlier passes have noted: see `Connections`. */
  readonly memory: SharedArrayBuffer;
  /** The pass is given up after this long, in ms. */
  readonly limitMs: number;
}

/** Notes what each connection has moved. `pass`: 1, then one more each time. */
export interface BaselineTask extends ConnectionsTask {
  readonly pass: number;
}

/** What came of a {@link BaselineTask}: it holds where there is no `fault`. */
export interface BaselineResult {
  readonly fault: ConntrackFault | undefined;
  readonly tookMs: number;
}

/** Why connections say nothing. `off`: the kernel does not count their bytes. */
export type ConntrackFault = 'missing' | 'off' | 'late' | 'many';

/** What the main thread hands to a worker: what have connections moved since a pass? */
export interface TestimonyTask extends ConnectionsTask {
  /** That pass. */
  readonly since: number;
  /** Another number each time. */
  readonly round: number;
  /** Bits of a mark that say whose a connection is. */
  readonly mask: number;
}

/** What comes back of a {@link TestimonyTask}: mark, bytes up and bytes down, for each mark. */
export type TestimonyResult =
  | { readonly ok: true; readonly rows: Float64Array; readonly tookMs: number }
  | {
      readonly ok: false;
      readonly reason: ConntrackFault | 'timeout' | 'failed';
      readonly detail: string;
      readonly tookMs: number;
    };

/** What the main thread hands to a worker: one look at the kernel's neighbours. */
export interface NeighbourTask {
  /** The ip program, and what makes it list neighbours. */
  readonly file: string;
  readonly args: readonly string[];
  /** Those of others are left out. */
  readonly interfaces: readonly string[];
  /** dnsmasq's file of leases, which has the devices' names. */
  readonly leases: string;
  /** The whole look takes no longer than this, in ms. */
  readonly limitMs: number;
}

/** A device that the router talks to, or did. */
export interface Neighbour {
  /** Of either family. */
  readonly ip: string;
  /** Lower case, with colons. */
  readonly mac: string;
  /** As the kernel has it: `REACHABLE`, `STALE` (ip-neighbour(8)). */
  readonly state: string;
  /** What the device calls itself, printable; absent where it has not said. */
  readonly name?: string;
}

/** What comes back of the neighbours. */
export type NeighbourResult =
  | { readonly ok: true; readonly found: readonly Neighbour[]; readonly tookMs: number }
  | {
      readonly ok: false;
      readonly reason: 'missing' | 'refused' | 'timeout' | 'failed';
      readonly detail: string;
      readonly tookMs: number;
    };

/** A look that a worker can take. */
export type Task = PollTask | CounterTask | TestimonyTask | NeighbourTask;

/** The thread is about to end: what it has started and keeps for later ends too. */
export interface EndTask {
  readonly ends: true;
}

/** What comes back of a look. */
export type ResultOf<T> = T extends PollTask
  ? PollResult
  : T extends CounterTask
    ? CounterResult
    : T extends TestimonyTask
      ? TestimonyResult
      : NeighbourResult;

/** What comes back of the counters. */
export type CounterResult =
  | {
      readonly ok: true;
      /** Index, bytes up and bytes down of each session whose counters moved. */
      readonly rows: Float64Array;
      /** Counters that were listed. */
      readonly seen: number;
      /** How long the scan of the list had the processor, in ms. */
      readonly busyMs: number;
      readonly baseline?: BaselineResult;
      readonly tookMs: number;
    }
  | {
      readonly ok: false;
      /** `missing`: it cannot be started. `failed`: not for now. `refused`: nft said no, see the detail. */
      readonly reason: 'missing' | 'refused' | 'timeout' | 'failed';
      readonly detail: string;
      readonly tookMs: number;
    };
