import { writeFileSync } from 'node:fs';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import type { Station } from './network.js';
import type { PortalKind } from './portal.js';
import type { Room } from './room.js';

// Names that Debian's dnsmasq and hosts file would have to learn are off: there is neither in the room.
const config = `
gatewayinterface br-lan
gatewayfqdn disable
dhcp_default_url_enable 0
sessiontimeout 0
preauthidletimeout 120
authidletimeout 120
checkinterval 15
debuglevel 1
FirewallRuleSet authenticated-users {
  FirewallRule allow all
}
FirewallRuleSet users-to-router {
  FirewallRule allow udp port 53
  FirewallRule allow udp port 67
}
`;

// openNDS keeps its socket and files in the first of /tmp, /run and /var that is a tmpfs. nf_tables refuses the
// chain priority -100 beside those that iptables-nft makes. The rest of the machine is read only from in here.
const mounts = `
  lib=/usr/lib/opennds
  mount -t tmpfs tmpfs /tmp &&
  sed 's/priority -100/priority 0/g' $lib/libopennds.sh >/tmp/libopennds.sh &&
  printf '#!/bin/sh\\nprintf done\\n' >/tmp/dnsconfig.sh &&
  chmod 755 /tmp/libopennds.sh /tmp/dnsconfig.sh &&
  mount --bind /tmp/libopennds.sh $lib/libopennds.sh &&
  mount --bind /tmp/dnsconfig.sh $lib/dnsconfig.sh &&
  mount -t sysfs sysfs /sys &&
  mount -o remount,bind,ro /`;

/** Debian's openNDS, or another build of it, which finds its scripts in the same places. */
export function openNds(program = 'opennds'): PortalKind {
  return { title: 'openNDS', dialect: opennds, command: [program, '-f'], prepare };
}

/** Puts in openNDS's files and the leases of the stations. */
async function prepare(gateway: Room, stations: readonly Station[]): Promise<void> {
  await gateway.run('sh', ['-c', mounts]);
  const leases = stations.map(({ mac, ip }) => `4102444800 ${mac} ${ip} client *\n`);
  writeFileSync(gateway.path('/tmp/dhcp.leases'), leases.join(''));
  writeFileSync(gateway.path('/tmp/opennds.conf'), config);
  await gateway.run('mount', ['--bind', '/tmp/opennds.conf', '/etc/opennds/opennds.conf']);
}
