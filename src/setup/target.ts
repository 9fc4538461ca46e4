import type { OwnSection } from '../ports/portal.js';
import type { Result } from '../ports/result.js';

/** What an option has: a text, the entries of a list, or nothing at all. */
export type Value = string | readonly string[] | undefined;

/** An option of a UCI file as it is to be. */
export interface Setting {
  /** The file's name in the folder of UCI. */
  readonly file: string;
  /** The section as `uci` names it: `main`, `@opennds[0]`. */
  readonly section: string;
  /** Empty for the section itself: its value is its type, and it is made where there is none. */
  readonly option: string;
  readonly value: Value;
  /** Nobody is shown the value. */
  readonly isSecret?: true;
}

/** A file that is to be there, with this text in it. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Everything that a target wants. */
export interface Plan {
  readonly settings: readonly Setting[];
  readonly pages: readonly Page[];
}

/** What a caller may choose, for targets that ask for it. */
export interface Wish {
  /** The network interface of the customers. */
  readonly interface?: string;
  /** The device that keeps its way to the router: a MAC address, or `none`. */
  readonly allowMac?: string;
}

/** What a target asks of the router. */
export interface Site {
  /** Turnpike's own file of UCI. */
  readonly own: string;
  /** The port of the page that says where to buy. */
  readonly port: number;
  /** Further ports of the customers' server. @default none */
  readonly also?: readonly number[];
  /** The router's IPv4 address where the customers are; undefined while it has none. */
  readonly address: string | undefined;
  /** Where phones are told what is left, or why nobody is told where; absent where no target asks. */
  readonly api?: Result<string>;
  /** The interfaces of all portals. */
  readonly interfaces?: readonly string[];
  /** What the caller has chosen. */
  readonly wish?: Wish;
  /** A random key; the present one where it is known to be random. */
  key(now: string | undefined): string;
  /** The sections of a UCI file; undefined when there is no such file. */
  read(file: string): readonly OwnSection[] | undefined;
}

/** What `turnpike setup` can set up: a file in this folder, and a line in `registry.ts`. */
export interface Target {
  /** What it does, for the help. */
  readonly summary: string;
  /** What may happen while it is not set up, after a colon. */
  readonly danger: string;
  /** The `type` of the gateway that it is for; absent where it needs none. */
  readonly gateway?: string;
  /** Why it is proposed although no gateway of its type is there; such a target changes one of another type. */
  proposal?(
    gateways: readonly { readonly name: string; readonly type: string }[],
    read: Site['read'],
  ): string | undefined;
  /** The owner wants to do without it. */
  needless?(main: { readonly backstop: boolean; readonly allowOffload: boolean }): boolean;
  /** Files of UCI that it reads and changes, beside turnpike's own. */
  readonly files: readonly string[];
  /** Files of UCI that it reads where they are there. */
  readonly reads?: readonly string[];
  /** The init script that puts it into effect. */
  readonly service: string;
  /** Init scripts of further services that it concerns. */
  readonly also?: readonly string[];
  plan(site: Site): Result<Plan>;
}
