import type { OwnRules } from '../../ports/premises.js';

/** Its chains in this family, in tables whose names begin so (fw_iptables.c: `CHAIN_TO_INTERNET` and others). */
function chainsIn(family: string, prefix: string): string[] {
  const chains = ['filter ndsNET', 'mangle ndsOUT', 'mangle ndsINC', 'nat ndsOUT'];
  return chains.map((chain) => `${family} ${prefix}${chain}`);
}

/**
 * openNDS 9 has its chains among those of iptables, 10 in tables of its own for IPv4, 11 for both families. Since
 * 10.2 it fills flowtables whenever there is a default route; it adds the rules again where it finds no such
 * flowtable, or no rule that speaks of `meta l4proto` (libopennds.sh, `gatewayroute`).
 */
export const openndsRules: OwnRules = {
  chains: [chainsIn('ip', ''), chainsIn('ip', 'nds_'), chainsIn('inet', 'nds_')],
  flowtables: ['ndsftINC', 'ndsftOUT'],
  insteadOfFlow: 'meta l4proto { tcp, udp } counter',
};
