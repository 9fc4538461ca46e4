// turnpike setup announce: phones are told of the page only where it answers over HTTPS, and all of it goes back.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { members } from '../../src/wiring/members.js';
import { readConfig } from '../../src/wiring/schema.js';
import { setupOf } from '../../src/wiring/setup.js';
import { setupHints } from '../../src/wiring/setup-hints.js';
import { openRouter, type Router } from './router.js';

const test = suite<{ router: Router }>('setup announce');

const network =
  "config interface 'loopback'\n\toption device 'lo'\nconfig interface 'wan'\n\toption device 'eth1'\n";
const dhcp = `# As it comes.
config dnsmasq
	option domainneeded '1'
config dhcp 'guests'
	option interface 'loopback'
	list dhcp_option '6,192.168.1.1'
	list dhcp_option '114,https://old.example.net/'
config dhcp 'wan'
	option interface 'wan'
`;
const page = (listen: string) =>
  `config web 'web'\n\tlist listen '127.0.0.1:2080'\n${listen}\toption certificate '/etc/c.pem'\n\toption key '/etc/k.pem'\n`;
const named = page("\tlist listen 'wifi.example.net:2443'\n");
const url = 'https://wifi.example.net:2443/captive-portal/api';

test.before.each((c) => {
  c.router = openRouter('opennds', 'config opennds\n');
  c.router.put('dhcp', dhcp);
  c.router.put('network', network);
});
test.after.each((c) => c.router.remove());

function configOf(router: Router, web: string) {
  router.put('turnpike', router.text('turnpike') + web);
  const loaded = readConfig(router.config);
  assert.ok(loaded.ok);
  return loaded.config;
}

function setupAt(router: Router, web: string) {
  const setup = setupOf('announce', configOf(router, web), members.portals, {
    ...{ file: router.config, uci: router.uci },
  });
  assert.ok(setup.ok);
  return setup.value;
}

test('it is announced on the networks of customers alone, in the place of another address', async ({
  router,
}) => {
  const done = await setupAt(router, named).apply();
  assert.ok(done.ok, JSON.stringify(done));
  const [dnsmasq, guests, wan] = parseUci(router.text('dhcp')).sections;
  const entries = (list: string) => guests!.lists.get(list)?.map(({ value }) => value);
  assert.equal(entries('dhcp_option'), ['6,192.168.1.1', `114,${url}`]);
  assert.is(guests!.options.get('captive_portal_uri')!.value, url);
  assert.equal(
    dnsmasq!.lists.get('address')?.map(({ value }) => value),
    ['/wifi.example.net/127.0.0.1'],
  );
  assert.not(wan!.options.has('captive_portal_uri'));
  assert.not(wan!.lists.has('dhcp_option'));
});

test('undone, the file is what it was, byte for byte', async ({ router }) => {
  const setup = setupAt(router, named);
  assert.ok((await setup.apply()).ok);
  assert.equal(await setup.undo(), { ok: true, value: [] });
  assert.is(router.text('dhcp'), dhcp);
});

test('without a public name or a certificate nothing is announced, and check says why', async ({
  router,
}) => {
  const unnamed = await setupAt(router, page('')).look();
  assert.match(unnamed.ok ? '' : unnamed.message, /no entry of listen .* is a public name/);
  const file = router.text('turnpike').replace(/^config web[\s\S]*/m, '');
  router.put('turnpike', file);
  const hints = setupHints(
    configOf(router, "config web 'web'\n\tlist listen 'wifi.example.net:2443'\n"),
    router.config,
  );
  assert.match(hints.join('\n'), /setup announce: .*has no certificate and key/);
  assert.is(router.text('dhcp'), dhcp);
});

test('check says what is not announced yet', ({ router }) => {
  const hints = setupHints(configOf(router, named), router.config).join('\n');
  assert.match(hints, /setup announce: not set are dhcp_option, captive_portal_uri, address/);
});

test.run();
