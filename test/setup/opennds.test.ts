// turnpike setup opennds: the options by which its own click opens nothing, and the way back.
import { lstatSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { members } from '../../src/wiring/members.js';
import { readConfig } from '../../src/wiring/schema.js';
import { setupOf } from '../../src/wiring/setup.js';
import { setupHints } from '../../src/wiring/setup-hints.js';
import { openRouter, type Router } from './router.js';

const test = suite<{ router: Router }>('setup opennds');

const before = `
# All about openNDS, as it comes.
config opennds
	option enabled 1   # on
	#option fasport '2080'
	option gatewayname 'Rosa'\\''s "WiFi"'
	option fasremoteip '203.0.113.7'
	option sessiontimeout '20'
	list users_to_router 'allow udp port 53'
	list users_to_router 'allow tcp port 443'
`;

test.before.each((c) => {
  c.router = openRouter('opennds', before);
});
test.after.each((c) => c.router.remove());

function configOf(router: Router) {
  const loaded = readConfig(router.config);
  assert.ok(loaded.ok);
  return loaded.config;
}

function setupAt(router: Router, port?: number) {
  const place = { file: router.config, uci: router.uci, ...(port !== undefined && { port }) };
  const setup = setupOf('opennds', configOf(router), members.portals, place);
  assert.ok(setup.ok);
  return setup.value;
}

function optionsOf(router: Router): Record<string, unknown> {
  const [section] = parseUci(router.text('opennds')).sections;
  const lists = [...section!.lists].map(([name, entries]) => [name, entries.map(({ value }) => value)]);
  return Object.fromEntries([...[...section!.options].map(([name, { value }]) => [name, value]), ...lists]);
}

test('it shows what it would change, and changes nothing before it is told to', async ({ router }) => {
  const changes = await setupAt(router).look();
  assert.ok(changes.ok);
  const named = new Map(changes.value.map(({ name, from, to }) => [name, [from, to]]));
  assert.equal(named.get('opennds.@opennds[0].fasport'), ['', '2080']);
  assert.equal(named.get('opennds.@opennds[0].fasremoteip'), ['203.0.113.7', '127.0.0.1']);
  assert.equal(named.get('turnpike.main.page_port'), ['', '2080']);
  assert.equal(named.get('opennds.@opennds[0].faskey'), ['', 'a random key'], 'the key is not shown');
  assert.is(router.text('opennds'), before);
});

test('afterwards its own click opens nothing: the page is turnpike’s, under a key that nobody knows', async ({
  router,
}) => {
  const done = await setupAt(router).apply();
  assert.ok(done.ok, JSON.stringify(done));
  const { faskey, ...options } = optionsOf(router);
  assert.match(String(faskey), /^[0-9a-f]{64}$/);
  assert.equal(options, {
    enabled: '1',
    gatewayname: `Rosa's "WiFi"`,
    login_option_enabled: '0',
    fasport: '2080',
    faspath: '/',
    fasremoteip: '127.0.0.1',
    fas_secure_enabled: '1',
    sessiontimeout: '525600',
    authidletimeout: '0',
    uploadquota: '0',
    downloadquota: '0',
    uploadrate: '0',
    downloadrate: '0',
    dhcp_default_url_enable: '0',
    users_to_router: ['allow udp port 53', 'allow tcp port 443', 'allow tcp port 2080'],
  });
  assert.is(configOf(router).main.pagePort, 2080);
});

test('the port of TollGate’s protocol is open to those who have not paid, where it is configured', async ({
  router,
}) => {
  const mint = "\tlist mint 'https://mint.example sat'\n\toption tollgate 'p'\n";
  router.put('turnpike', `${router.text('turnpike')}config cashu 'cashu'\n\toption enabled '1'\n${mint}`);
  await setupAt(router).apply();
  const { users_to_router: rules } = optionsOf(router) as { users_to_router: string[] };
  assert.equal(rules.slice(-2), ['allow tcp port 2080', 'allow tcp port 2121']);
});

test('done twice it changes nothing the second time, and the key stays', async ({ router }) => {
  await setupAt(router).apply();
  const once = router.text('opennds');
  const again = await setupAt(router).apply();
  assert.equal(again, { ok: true, value: [] });
  assert.is(router.text('opennds'), once);
});

test('undone, every file is what it was, byte for byte, comments too', async ({ router }) => {
  const own = router.text('turnpike');
  const { mode } = statSync(router.config);
  await setupAt(router).apply();
  await setupAt(router, 2081).apply();
  assert.match(router.text('opennds'), /2081/);
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.is(router.text('opennds'), before);
  assert.is(router.text('turnpike'), own);
  assert.is(statSync(router.config).mode, mode);
  const again = await setupAt(router).undo();
  assert.is(!again.ok && again.code, 'not_set_up');
});

test('undone, a link to a file elsewhere is still a link', async ({ router }) => {
  const [link, real] = [`${router.dir}/opennds`, `${router.dir}/.elsewhere`];
  renameSync(link, real);
  symlinkSync(real, link);
  await setupAt(router).apply();
  assert.ok((await setupAt(router).undo()).ok);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(router.text('.elsewhere'), before);
});

test('undone after the owner has changed the file, their changes stay and the rest goes back', async ({
  router,
}) => {
  await setupAt(router).apply();
  router.owner(
    "set opennds.@opennds[0].gatewayname='Rosa'",
    "set opennds.@opennds[0].faspath='/mine'",
    'commit opennds',
  );
  const undone = await setupAt(router).undo();
  assert.equal(undone, { ok: true, value: ['opennds.@opennds[0].faspath'] });
  assert.equal(optionsOf(router), {
    enabled: '1',
    gatewayname: 'Rosa',
    faspath: '/mine',
    fasremoteip: '203.0.113.7',
    sessiontimeout: '20',
    users_to_router: ['allow udp port 53', 'allow tcp port 443'],
  });
});

test('undone when the gateway of openNDS is configured no more', async ({ router }) => {
  await setupAt(router).apply();
  router.put('turnpike', router.text('turnpike').replace("type 'opennds'", "type 'nodogsplash'"));
  const looked = await setupAt(router).look();
  assert.is(!looked.ok && looked.code, 'setup_impossible');
  assert.ok((await setupAt(router).undo()).ok);
  assert.is(router.text('opennds'), before);
  assert.is(configOf(router).main.pagePort, undefined);
});

test('what the owner is in the middle of is not committed behind their back', async ({ router }) => {
  router.owner("set opennds.@opennds[0].gatewayname='Half'");
  const done = await setupAt(router).apply();
  assert.is(!done.ok && done.code, 'setup_impossible');
  assert.is(router.text('opennds'), before);
});

test('without uci nothing is changed, and the owner reads what is missing', async ({ router }) => {
  const setup = setupOf('opennds', configOf(router), members.portals, {
    file: router.config,
    uci: `${router.dir}/none`,
  });
  assert.ok(setup.ok);
  await setup.value.apply().then(
    () => assert.unreachable(),
    (cause) => assert.match(cause.message, /none cannot be started .*: options are set by OpenWrt's uci/),
  );
  assert.is(router.text('opennds'), before);
});

test('a file that uci cannot read is named, and not taken for one that is not there', async ({ router }) => {
  router.put('opennds', "config opennds\n\toption gatewayname 'Rosa\n");
  await setupAt(router)
    .look()
    .then(
      () => assert.unreachable(),
      (cause) => assert.match(cause.message, /^uci cannot read .*\/opennds: see what uci show opennds says$/),
    );
});

test('check says what is not set, and nothing when all is', async ({ router }) => {
  const [hint] = setupHints(configOf(router), router.config);
  assert.match(
    hint!,
    /^setup opennds: not set are login_option_enabled, fasport, .*page_port: a click on the page/,
  );
  await setupAt(router).apply();
  assert.equal(setupHints(configOf(router), router.config), []);
  router.put('opennds', router.text('opennds').replace("fas_secure_enabled '1'", "fas_secure_enabled '0'"));
  assert.match(setupHints(configOf(router), router.config)[0]!, /not set are fas_secure_enabled: /);
});

for (const name of [" 'rosa'", '']) {
  test(`turnpike’s own section may be named otherwise:${name || ' not at all'}`, async ({ router }) => {
    router.put('turnpike', router.text('turnpike').replace("turnpike 'main'", `turnpike${name}`));
    assert.ok((await setupAt(router).apply()).ok);
    assert.is(configOf(router).main.pagePort, 2080);
    assert.equal(setupHints(configOf(router), router.config), []);
  });
}

test('without a section of turnpike the owner reads which one to add', async ({ router }) => {
  router.put('turnpike', router.text('turnpike').replace(/config turnpike .*\n.*\n/, ''));
  const looked = await setupAt(router).look();
  assert.match(looked.ok ? '' : looked.message, /add config turnpike 'main'/);
});

test('the port of openNDS itself is refused', async ({ router }) => {
  const done = await setupAt(router, 2050).apply();
  assert.is(!done.ok && done.code, 'setup_impossible');
});

test.run();
