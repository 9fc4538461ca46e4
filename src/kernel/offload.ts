import type { OwnRules, Premises } from '../ports/premises.js';
import { isRefused, type Nft } from './nft.js';

/** A flowtable as `nft -j` lists it (libnftables-json(5)). */
interface Flowtable {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly prio?: number;
  readonly dev?: string | readonly string[];
}

interface Rule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
  readonly expr?: readonly { readonly flow?: { readonly flowtable?: string } }[];
}

interface Item {
  readonly flowtable?: Flowtable;
  readonly rule?: Rule;
}

/** A rule that puts flows into a flowtable. */
interface Filling {
  readonly rule: Rule;
  /** The flowtable's name. */
  readonly flowtable: string;
}

/** True when some rule fills one of the flowtables of `nft -j list flowtables`. A flowtable alone takes no packet. */
export async function fillsFlowtable(nft: Nft, listed: string): Promise<boolean> {
  const found = flowtablesIn(listed);
  // What is listed in another form is taken for one that is filled.
  if (found.some(({ table }) => table === undefined)) return true;
  return (await fillingsOf(nft, found)).length > 0;
}

/**
 * Takes the rules of portals out that fill flowtables, and the flows in these: what they carried since is counted
 * and capped again. Such rules come back when a portal makes its own anew.
 * @returns the flowtables that no longer fill
 * @throws NftError
 */
export async function takeOutFlows(nft: Nft, premises: Iterable<Premises>): Promise<string[]> {
  const owners = [...premises].flatMap(({ own }) => (own && own.flowtables.length > 0 ? [own] : []));
  if (owners.length === 0) return [];
  const found = flowtablesIn(await nft(['-j', 'list', 'flowtables']));
  const own = found.filter(({ name }) => owners.some(({ flowtables }) => flowtables.includes(name)));
  const fillings = await fillingsOf(nft, own);
  for (const flowtable of own) {
    const mine = fillings.filter(({ flowtable: name }) => name === flowtable.name);
    const owner = owners.find(({ flowtables }) => flowtables.includes(flowtable.name))!;
    if (mine.length > 0) await takeOut(nft, flowtable, mine, owner);
  }
  return [...new Set(fillings.map(({ flowtable }) => flowtable))];
}

async function takeOut(
  nft: Nft,
  flowtable: Flowtable,
  fillings: readonly Filling[],
  owner: OwnRules,
): Promise<void> {
  const { family, table, name } = flowtable;
  const rules = fillings.map(({ rule: { chain, handle } }) => {
    const place = `rule ${family} ${table} ${chain} handle ${handle}`;
    return owner.insteadOfFlow === undefined ? `delete ${place}` : `replace ${place} ${owner.insteadOfFlow}`;
  });
  await nft(['-f', '-'], `${rules.join('\n')}\n`);
  // Flows that are in it go on past our hooks, so the flowtable itself is made anew. One that another rule still
  // uses cannot be deleted, and its flows end by themselves.
  try {
    await nft(['-f', '-'], `delete flowtable ${family} ${table} ${name}\n`);
    await nft(['-f', '-'], `add flowtable ${family} ${table} ${name} ${formOf(flowtable)}\n`);
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
  }
}

function formOf({ hook = 'ingress', prio = 0, dev = [] }: Flowtable): string {
  const devices = typeof dev === 'string' ? [dev] : dev;
  const on = devices.length > 0 ? ` devices = { ${devices.map((d) => `"${d}"`).join(', ')} };` : '';
  return `{ hook ${hook} priority ${prio};${on} }`;
}

async function fillingsOf(nft: Nft, flowtables: readonly Flowtable[]): Promise<Filling[]> {
  const tables = new Set(flowtables.map(({ family, table }) => `${family} ${table}`));
  const fillings: Filling[] = [];
  for (const table of tables) {
    const listed = await nft(['-j', '-t', 'list', 'table', ...table.split(' ')]);
    for (const { rule } of itemsOf(listed)) {
      const flow = rule?.expr?.find((e) => e.flow)?.flow?.flowtable;
      if (rule && flow !== undefined) fillings.push({ rule, flowtable: flow.replace(/^@/, '') });
    }
  }
  return fillings;
}

function flowtablesIn(json: string): Flowtable[] {
  return itemsOf(json).flatMap(({ flowtable }) => flowtable ?? []);
}

function itemsOf(json: string): readonly Item[] {
  return (JSON.parse(json) as { nftables: Item[] }).nftables;
}
