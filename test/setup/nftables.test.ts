// turnpike setup nftables: turnpike itself at the gate; nobody is locked out unasked, and all of it goes back.
import { rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import type { Wish } from '../../src/setup/target.js';
import { members } from '../../src/wiring/members.js';
import { readConfig } from '../../src/wiring/schema.js';
import { setupOf } from '../../src/wiring/setup.js';
import { setupHints } from '../../src/wiring/setup-hints.js';
import { openRouter, type Router } from './router.js';

const test = suite<{ router: Router }>('setup nftables');
const mac = '02:00:00:00:00:01';
const bridge = (name: string) =>
  `config device\n\toption name '${name}'\n\toption type 'bridge'\nconfig interface '${name.slice(3)}'\n\toption device '${name}'\n`;
const dhcp = '# Mine.\nconfig dnsmasq\n\toption domainneeded 1\n';
const shipped = "config gateway 'lan'\n\toption type 'opennds'\n";
const onLo = `${shipped}\tlist interface 'lo'\n`;

test.before.each((c) => {
  c.router = openRouter('nodogsplash', '');
  rmSync(`${c.router.dir}/nodogsplash`);
  c.router.put('dhcp', dhcp);
  c.router.put('network', bridge('br-lan'));
  gateway(c.router, shipped);
});
test.after.each((c) => c.router.remove());

/** Puts other sections in the place of that of the gateway. */
function gateway(router: Router, sections: string): void {
  router.put('turnpike', router.text('turnpike').replace(/^config gateway[\s\S]*?(?=^config)/m, sections));
}

function configOf(router: Router) {
  const loaded = readConfig(router.config);
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.faults));
  return loaded.config;
}

function setupAt(router: Router, wish: Wish = {}) {
  const place = { file: router.config, uci: router.uci, wish };
  const setup = setupOf('nftables', configOf(router), members.portals, place);
  assert.ok(setup.ok);
  return setup.value;
}

/** What an option is to have. */
async function wanted(router: Router, wish: Wish, option: string): Promise<string | undefined> {
  const looked = await setupAt(router, wish).look();
  assert.ok(looked.ok, JSON.stringify(looked));
  return looked.value.find(({ name }) => name === `turnpike.lan.${option}`)?.to;
}

const hintsAt = (router: Router) => setupHints(configOf(router), router.config).join('\n');
const gatewaysOf = (router: Router) =>
  configOf(router).gateways.map((one) => [
    one.name,
    one.type,
    one.interface,
    'allowMac' in one && one.allowMac,
  ]);

test('on a router without a portal, as it is shipped, turnpike is at the gate of its bridge, with the page and the owner’s device', async ({
  router,
}) => {
  const own = router.text('turnpike');
  const done = await setupAt(router, { allowMac: mac.toUpperCase() }).apply();
  assert.ok(done.ok, JSON.stringify(done));
  assert.equal(gatewaysOf(router), [['lan', 'nftables', ['br-lan'], [mac]]]);
  assert.is(configOf(router).main.pagePort, 2080);
  assert.equal(await setupAt(router).look(), { ok: true, value: [] });
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.is(router.text('turnpike'), own);
});

test('nobody is locked out unasked: without a device of theirs it says what they would lose', async ({
  router,
}) => {
  const own = router.text('turnpike');
  const looked = await setupAt(router).apply();
  assert.match(looked.ok ? '' : looked.message, /no device on br-lan reaches LuCI and ssh/);
  const broken = await setupAt(router, { allowMac: 'my phone' }).apply();
  assert.is(!broken.ok && broken.code, 'bad_argument');
  assert.is(router.text('turnpike'), own);
  assert.is(await wanted(router, { allowMac: 'none' }, 'allow_mac'), undefined);
});

test('a gateway of openNDS becomes one of turnpike’s own, without what only openNDS has, and back', async ({
  router,
}) => {
  gateway(
    router,
    `${onLo}\toption transport 'command'\n\toption command '/usr/bin/ndsctl'\n\toption socket '/tmp/a'\n` +
      "\toption restart '/etc/init.d/opennds'\n\toption portal_config '/etc/config/opennds'\n" +
      "\toption exclusive '1'\n\toption double_mac 'close'\n\toption poll_min '1s'\n",
  );
  const own = router.text('turnpike');
  const done = await setupAt(router, { allowMac: mac }).apply();
  assert.ok(done.ok, JSON.stringify(done));
  assert.equal(gatewaysOf(router), [['lan', 'nftables', ['lo'], [mac]]]);
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.is(router.text('turnpike'), own);
});

test('where there are several bridges, somebody says whose devices buy', async ({ router }) => {
  router.put('network', bridge('br-lan') + bridge('br-guest'));
  const looked = await setupAt(router, { allowMac: 'none' }).look();
  assert.match(looked.ok ? '' : looked.message, /several bridges, br-lan, br-guest/);
  const asked = { interface: 'br-guest', allowMac: 'none' };
  assert.is(await wanted(router, asked, 'interface'), 'br-guest');
});

test('where a portal is installed, its customers stay those of its network', async ({ router }) => {
  router.put('network', bridge('br-lan') + bridge('br-guest'));
  router.put('opennds', "config opennds\n\toption gatewayinterface 'br-guest'\n");
  gateway(router, `${shipped}\toption portal_config '${router.dir}/opennds'\n`);
  assert.is(await wanted(router, { allowMac: mac }, 'interface'), 'br-guest');
});

test('dnsmasq is told of the names that are open, and check says while it is not', async ({ router }) => {
  gateway(
    router,
    `${onLo.replace('opennds', 'nftables')}\tlist allow_host 'pay.example.com'\n\tlist allow_host 'town.example'\n`,
  );
  assert.match(hintsAt(router), /setup nftables: not set are .*domain/);
  const done = await setupAt(router).apply();
  assert.ok(done.ok, JSON.stringify(done));
  const names = parseUci(router.text('dhcp')).sections.find(({ type }) => type === 'ipset')!;
  const entries = (list: string) => names.lists.get(list)?.map(({ value }) => value);
  assert.equal(entries('name'), ['open4', 'open6']);
  assert.equal(entries('domain'), ['pay.example.com', 'town.example']);
  assert.is(names.options.get('table')?.value, 'turnpike_names');
  assert.not.match(hintsAt(router), /nftables/);
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.is(router.text('dhcp'), dhcp);
});

test('undone after the owner has changed the file of dnsmasq, the names go, and their change stays', async ({
  router,
}) => {
  gateway(router, `${onLo.replace('opennds', 'nftables')}\tlist allow_host 'pay.example.com'\n`);
  assert.ok((await setupAt(router).apply()).ok);
  router.owner("set dhcp.@dnsmasq[0].domainneeded='0'", 'commit dhcp');
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  const sections = parseUci(router.text('dhcp')).sections;
  assert.equal(
    sections.map(({ type, options }) => [type, options.get('domainneeded')?.value]),
    [['dnsmasq', '0']],
  );
});

test('undone after the owner has changed something else, their change stays, and openNDS gets nothing that it does not have', async ({
  router,
}) => {
  assert.ok((await setupAt(router, { allowMac: mac }).apply()).ok);
  router.owner(
    "add_list turnpike.lan.allow_mac='02:00:00:00:00:02'",
    "set turnpike.main.low_percent='70'",
    'commit turnpike',
  );
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.is(configOf(router).main.lowPercent, 70);
  assert.equal(gatewaysOf(router), [['lan', 'opennds', [], false]]);
});

test('check proposes it where no portal is installed, and not where one is', ({ router }) => {
  const proposed = /^setup nftables: no portal is installed: .*see 'turnpike setup nftables'$/m;
  assert.match(hintsAt(router), proposed);
  router.put('opennds', 'config opennds\n');
  assert.not.match(hintsAt(router), /nftables/);
});

test.run();
