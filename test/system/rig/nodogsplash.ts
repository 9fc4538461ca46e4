import { accessSync, chmodSync, constants, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { nodogsplash } from '../../../src/portals/nodogsplash/dialect.js';
import type { PortalKind } from './portal.js';
import type { Room } from './room.js';

// It refuses an idle time-out that is not twice the interval of its checks.
const config = `
gatewayinterface br-lan
webroot /tmp
sessiontimeout 0
preauthidletimeout 120
authidletimeout 120
checkinterval 15
debuglevel 1
maxclients 250
FirewallRuleSet authenticated-users {
  FirewallRule allow all
}
FirewallRuleSet users-to-router {
  FirewallRule allow udp port 53
  FirewallRule allow udp port 67
}
`;

/** Its page, with all that customers need to let themselves in. */
const splash = '<a href="$authtarget">in</a>\n';

const place = '/tmp/nodogsplash';

/** The real program: `NODOGSPLASH` names it, or it is on the PATH. */
export function findNodogsplash(): string | undefined {
  const named = process.env.NODOGSPLASH;
  const places = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'nodogsplash'));
  return (named ? [named] : places).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A nodogsplash of anybody's build. `more`: further lines of its configuration, which overrule ours. */
export function noDogSplash(program: string, more = ''): PortalKind {
  return {
    title: 'nodogsplash',
    dialect: nodogsplash,
    command: [place, '-f', '-c', `${place}.conf`],
    client: `${place}-ndsctl`,
    rejectsIpv6: false,
    prepare: (gateway) => prepare(gateway, program, more),
  };
}

/** The program is put in as a copy: a build of one's own may be in the /tmp that the room does not see. */
async function prepare(gateway: Room, program: string, more: string): Promise<void> {
  await gateway.run('sh', ['-c', 'mount -t tmpfs tmpfs /tmp && mount -o remount,bind,ro /']);
  // Its command lies beside it.
  const files = { [place]: program, [`${place}-ndsctl`]: join(dirname(program), 'ndsctl') };
  for (const [to, from] of Object.entries(files).filter((pair) => existsSync(pair[1]))) {
    copyFileSync(from, gateway.path(to));
    chmodSync(gateway.path(to), 0o755);
  }
  writeFileSync(gateway.path(`${place}.conf`), config + more);
  writeFileSync(gateway.path('/tmp/splash.html'), splash);
}
