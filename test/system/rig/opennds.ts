import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import type { Station } from './network.js';
import type { OwnPage, PortalKind } from './portal.js';
import { RigError, type Room } from './room.js';

// Names that dnsmasq and the hosts file would have to learn are off: there is neither in the room.
const options = {
  gatewayinterface: 'br-lan',
  gatewayfqdn: 'disable',
  dhcp_default_url_enable: '0',
  // As `turnpike setup opennds` has it: 11 beta ends a session of 0 minutes at its next check.
  sessiontimeout: '525600',
  preauthidletimeout: '120',
  authidletimeout: '120',
  checkinterval: '15',
  debuglevel: '1',
};
const toRouter = ['allow udp port 53', 'allow udp port 67'];

function optionsFor(page: OwnPage | undefined): [string, string][] {
  const fas = page && {
    ...{ login_option_enabled: '0', fasport: String(page.port), faspath: '/', fasremoteip: page.address },
    ...{ fas_secure_enabled: '1', faskey: 'a key of the test, which nobody guesses' },
  };
  return Object.entries({ ...options, ...fas });
}

function rulesFor(page: OwnPage | undefined): string[] {
  return page ? [...toRouter, `allow tcp port ${page.port}`] : toRouter;
}

/** As Debian's 9.10 reads it. */
const generic = (page?: OwnPage) => `${optionsFor(page)
  .map(([name, value]) => `${name} ${value}`)
  .join('\n')}
FirewallRuleSet authenticated-users {
  FirewallRule allow all
}
FirewallRuleSet users-to-router {
${rulesFor(page)
  .map((rule) => `  FirewallRule ${rule}`)
  .join('\n')}
}
`;

/** As 10.0 and later read it, on every system; 11 takes only a section with a name. */
const uci = (page?: OwnPage) => `config opennds 'setup'
${[['enabled', '1'], ...optionsFor(page)].map(([name, value]) => `\toption ${name} '${value}'`).join('\n')}
\tlist authenticated_users 'allow all'
${rulesFor(page)
  .map((rule) => `\tlist users_to_router '${rule}'`)
  .join('\n')}
`;

// openNDS keeps its socket and files in the first of /tmp, /run and /var that is a tmpfs. nf_tables refuses the
// chain priority -100 beside those that iptables-nft makes. The rest of the machine is read only from in here.
const mounts = `
  lib=/usr/lib/opennds
  build=$1
  if [ -n "$build" ]; then
    mount --bind "$build$lib" $lib &&
    for name in opennds ndsctl; do mount --bind "$build/usr/bin/$name" /usr/bin/$name || exit 1; done
  fi &&
  mount -t tmpfs tmpfs /tmp &&
  sed '/ip filter/s/priority -100/priority 0/g' $lib/libopennds.sh >/tmp/libopennds.sh &&
  printf '#!/bin/sh\\nprintf done\\n' >/tmp/dnsconfig.sh &&
  chmod 755 /tmp/libopennds.sh /tmp/dnsconfig.sh &&
  mount --bind /tmp/libopennds.sh $lib/libopennds.sh &&
  mount --bind /tmp/dnsconfig.sh $lib/dnsconfig.sh &&
  cp -a /etc /tmp/etc && mkdir -p /tmp/etc/config && mount --bind /tmp/etc /etc &&
  mount -t sysfs sysfs /sys &&
  mount -o remount,bind,ro /`;

// From 10.0 on it does not start for `checkinterval` seconds after it was killed: it takes its last heartbeat for a
// sign of life. A router's service tries again every 20 s, which tests do not wait for.
const start = 'rm -f /tmp/ndscids/heartbeat; exec /usr/bin/opennds -f';

/** The build that the tests run on: the directory that `OPENNDS` names, or undefined for Debian's. */
export function namedOpenNds(): string | undefined {
  return process.env.OPENNDS || undefined;
}

/**
 * openNDS.
 *
 * @param build the directory that `make install DESTDIR=` of another version filled. Its scripts name each other
 *   by fixed paths, so it is mounted over Debian's inside the room. @default what {@link namedOpenNds} says
 * @param page to which it sends browsers. @default its own
 */
export function openNds(build = namedOpenNds(), page?: OwnPage): PortalKind {
  return {
    title: 'openNDS',
    dialect: opennds,
    command: ['sh', '-c', start],
    client: '/usr/bin/ndsctl',
    rejectsIpv6: hasInetTables(build),
    prepare: (gateway, stations) => prepare(gateway, stations, page, build),
  };
}

/** 11 beta has its rules for both families; those that let a customer through name the IPv4 address, and the last rejects. */
function hasInetTables(build = ''): boolean {
  const script = `${build}/usr/lib/opennds/libopennds.sh`;
  return existsSync(script) && readFileSync(script, 'utf8').includes('inet nds_filter');
}

/** Puts in openNDS's files and the leases of the stations. */
async function prepare(
  gateway: Room,
  stations: readonly Station[],
  page: OwnPage | undefined,
  build = '',
): Promise<void> {
  if (build && !existsSync(join(build, 'usr/bin/opennds')))
    throw new RigError('no-start', `OPENNDS: there is no usr/bin/opennds in ${build}`);
  await gateway.run('sh', ['-c', mounts, 'sh', build]);
  const leases = stations.map(({ mac, ip }) => `4102444800 ${mac} ${ip} client *\n`);
  writeFileSync(gateway.path('/tmp/dhcp.leases'), leases.join(''));
  writeFileSync(gateway.path('/etc/opennds/opennds.conf'), generic(page));
  writeFileSync(gateway.path('/etc/config/opennds'), uci(page));
}
