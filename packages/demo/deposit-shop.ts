import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { chainId, keyOf } from '../simulators/anvil.js';
import { type EscrowChain, testToken } from '../simulators/chain.js';
import { bought } from './deposit-outcome.js';

const { currency, decimals } = testToken;
const network = `eip155:${chainId}`;

/** What the shop's portal is. */
export const portalDialect = opennds;

/** The key of the seller, who is account 2 of the chain. */
export const secretsText = `config secret 'escrow'\n\toption key '${keyOf(2)}'\n`;

/** Writes the facilitator's configuration into a folder; account 7 pays for gas. @returns the file */
export function facilitatorFile(folder: string, { chain, escrow, token, seller }: EscrowChain): string {
  const [file, key] = [join(folder, 'facilitator.json'), join(folder, 'gas.key')];
  writeFileSync(key, keyOf(7), { mode: 0o600 });
  const tokens = { [token.address]: { decimals } };
  const contracts = { escrow: escrow.address, tokens, sellers: [seller.address] };
  const pace = { confirmations: 1, pollMs: 20 };
  const config = {
    listen: { port: 0 },
    directory: join(folder, 'facilitator'),
    networks: { [network]: { rpc: chain.url, ...contracts, signers: [{ file: key }], ...pace } },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/**
 * The daemon's configuration: data by the KiB, paid in with the token.
 * @param folder of the journal
 * @param facilitator its URL
 */
export function depositConfig(
  folder: string,
  sockets: { readonly ubus: string; readonly portal: string },
  { chain, escrow, token, seller }: EscrowChain,
  facilitator: string,
): string {
  return `
config turnpike 'main'
	option directory '${join(folder, 'state')}'
	option socket '${sockets.ubus}'
	option nft '/dev/null'
config gateway 'lan'
	option type '${portalDialect.name}'
	option socket '${sockets.portal}'
	option portal_config '${join(folder, 'portal')}'
	option poll_max '500ms'
config plan 'data'
	option title 'By the KiB'
	option metric 'bytes'
	option step '1 KiB'
	option max_steps '${bought}'
	list price '0.000001 ${currency}'
config escrow 'escrow'
	option enabled '1'
	option facilitator '${facilitator}'
	option rpc '${chain.url}'
	option network '${network}'
	option currency '${currency} ${decimals}'
	option token '${token.address}'
	option contract '${escrow.address}'
	option pay_to '${seller.address}'
	option confirmations '1'
`;
}
