import type { Premises } from '../ports/premises.js';
import type { Nft } from './nft.js';

/** Chains that are away for less than this, in ms, are not missed: a portal that starts anew makes them anew. */
const patienceMs = 5_000;

/** What is known of one portal's chains. */
interface Known {
  /** The chains that it had when they were last complete. */
  readonly chains: readonly string[];
  /** When chains were first found to be away, in ms; undefined while none is. */
  away?: number;
  isTold: boolean;
}

/** Tells of portals' own chains that are gone, as after `nft flush ruleset`. What was never seen is not missed. */
export class PortalRules {
  readonly #nft: Nft;
  readonly #tell: (portal: string, missing: readonly string[]) => void;
  readonly #known = new Map<string, Known>();

  constructor(nft: Nft, tell: (portal: string, missing: readonly string[]) => void) {
    this.#nft = nft;
    this.#tell = tell;
  }

  /**
   * Looks at the chains of all portals. `now`: monotonic, in ms.
   * @returns in how many ms it is worth another look; undefined when that has time
   * @throws NftError
   */
  async look(premises: Iterable<Premises>, now: number): Promise<number | undefined> {
    const portals = [...premises].flatMap(({ portal, own }) =>
      portal !== undefined && own && own.chains.length > 0 ? [{ portal, layouts: own.chains }] : [],
    );
    if (portals.length === 0) return undefined;
    const found = chainsIn(await this.#nft(['-j', 'list', 'chains']));
    const waits = portals.flatMap(({ portal, layouts }) => this.#review(portal, layouts, found, now) ?? []);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  #review(
    portal: string,
    layouts: readonly (readonly string[])[],
    found: ReadonlySet<string>,
    now: number,
  ): number | undefined {
    const known = this.#known.get(portal);
    const whole = layouts.find((chains) => chains.every((chain) => found.has(chain)));
    if (whole) {
      this.#known.set(portal, { chains: whole, isTold: false });
      if (known?.isTold) this.#tell(portal, []);
      return undefined;
    }
    if (!known || known.isTold) return undefined;
    known.away ??= now;
    const left = known.away + patienceMs - now;
    if (left > 0) return left;
    known.isTold = true;
    this.#tell(
      portal,
      known.chains.filter((chain) => !found.has(chain)),
    );
    return undefined;
  }
}

function chainsIn(json: string): Set<string> {
  const { nftables } = JSON.parse(json) as {
    nftables: {
      readonly chain?: { readonly family: string; readonly table: string; readonly name: string };
    }[];
  };
  return new Set(
    nftables.flatMap(({ chain }) => (chain ? `${chain.family} ${chain.table} ${chain.name}` : [])),
  );
}
