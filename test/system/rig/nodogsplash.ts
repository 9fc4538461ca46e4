import { accessSync, chmodSync, constants, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { parseUci } from '../../../src/config/uci.js';
import { nodogsplash } from '../../../src/portals/nodogsplash/dialect.js';
import { nodogsplash as target } from '../../../src/setup/nodogsplash.js';
import type { OwnPage, PortalKind } from './portal.js';
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

/**
 * A nodogsplash of anybody's build.
 * @param more further lines of its configuration, which overrule ours
 * @param page to which it sends browsers, as `turnpike setup nodogsplash` has it do so. @default its own splash page
 */
export function noDogSplash(program: string, more = '', page?: OwnPage): PortalKind {
  return {
    title: 'nodogsplash',
    dialect: nodogsplash,
    command: [place, '-f', '-c', `${place}.conf`],
    client: `${place}-ndsctl`,
    rejectsIpv6: false,
    prepare: (gateway) => prepare(gateway, program, more, page),
  };
}

/** The program is put in as a copy: a build of one's own may be in the /tmp that the room does not see. */
async function prepare(gateway: Room, program: string, more: string, page?: OwnPage): Promise<void> {
  await gateway.run('sh', ['-c', 'mount -t tmpfs tmpfs /tmp && mount -o remount,bind,ro /']);
  // Its command lies beside it.
  const files = { [place]: program, [`${place}-ndsctl`]: join(dirname(program), 'ndsctl') };
  for (const [to, from] of Object.entries(files).filter((pair) => existsSync(pair[1]))) {
    copyFileSync(from, gateway.path(to));
    chmodSync(gateway.path(to), 0o755);
  }
  const lead = page && leading(page);
  writeFileSync(gateway.path(`${place}.conf`), config + (lead?.lines ?? '') + more);
  for (const { path, text } of lead?.pages ?? []) writeFileSync(gateway.path(path), text);
  writeFileSync(gateway.path('/tmp/splash.html'), splash);
}

/** What `turnpike setup nodogsplash` writes, as lines of its configuration, and its splash page. */
function leading({ address, port }: OwnPage) {
  const files: Record<string, string> = {
    own: "config turnpike 'main'\n",
    nodogsplash: "config nodogsplash\n\toption webroot '/tmp'\n",
  };
  const read = (file: string) => parseUci(files[file] ?? '').sections;
  const planned = target.plan({ own: 'own', port, address, read, key: () => '' });
  assert.ok(planned.ok);
  const { pages, settings } = planned.value;
  const options = settings.filter(({ file, value }) => file === 'nodogsplash' && typeof value === 'string');
  const lines = options.map(({ option, value }) => `${option} ${value}\n`);
  const rules = settings.find(({ option }) => option === 'users_to_router')?.value as readonly string[];
  const toRouter = rules.map((rule) => `  FirewallRule ${rule}\n`);
  const set = `FirewallRuleSet users-to-router {\n${toRouter.join('')}}\n`;
  return { pages, lines: lines.join('') + set };
}
