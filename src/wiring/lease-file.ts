import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parseUci } from '../config/uci.js';

const usual = '/tmp/dhcp.leases';

/** Where dnsmasq keeps its leases: as its configuration says, or at the usual place. */
export function leaseFile(configuration = '/etc/config/dhcp'): string {
  try {
    const { sections } = parseUci(readFileSync(configuration, 'utf8'));
    const named = sections.map(({ type, options }) =>
      type === 'dnsmasq' ? options.get('leasefile')?.value : undefined,
    );
    return named.find((file) => file !== undefined && isAbsolute(file)) ?? usual;
  } catch {
    return usual;
  }
}
