import type { OwnPremises } from '../../ports/premises.js';
import type { NftablesConfig } from './section.js';

/** A table beside ours, for dnsmasq writes into it and nobody is to write into ours. */
const table = 'inet turnpike_names';
const sets = { set: 'open4', set6: 'open6' };
/** An address that nobody looked up for this long is open no more; and so many are. */
const form = 'flags timeout; timeout 1d; size 4096;';
const make = `add table ${table}
add set ${table} ${sets.set} { type ipv4_addr; ${form} }
add set ${table} ${sets.set6} { type ipv6_addr; ${form} }
`;

/** What turnpike's own portal lets pass for everybody. */
export function nftablesPremises(config: NftablesConfig): OwnPremises {
  const { interface: interfaces, allowMac, denyMac, allowHost, allowDns, redirect } = config;
  const hasNames = allowHost.length > 0;
  return {
    ...{ interfaces, trusted: allowMac, denied: denyMac, open: [], faults: [] },
    front: { redirect, dns: allowDns },
    ...(hasNames && { garden: { ports: [], tables: [table], ...sets, make } }),
  };
}
