// What would let people around turnpike's own portal, as `turnpike check` says it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { gateHints } from '../../src/wiring/gate-hints.js';
import { loadConfig } from '../../src/wiring/schema.js';

let interfaces: string;

test.before(() => {
  interfaces = mkdtempSync(join(tmpdir(), 'turnpike-'));
  mkdirSync(join(interfaces, 'br-lan', 'brif', 'lan1'), { recursive: true });
  mkdirSync(join(interfaces, 'lan1', 'brport'), { recursive: true });
  symlinkSync(join(interfaces, 'br-lan'), join(interfaces, 'lan1', 'brport', 'bridge'));
});

test.after(() => rmSync(interfaces, { recursive: true }));

const good = {
  network:
    "config interface 'lan'\n\toption device 'br-lan'\nconfig interface 'wan'\n\toption device 'eth1'\n" +
    "config interface 'office'\n\toption device 'br-office'\n",
  firewall: "config zone\n\toption name 'lan'\n\tlist network 'lan'\n",
  dhcp: "config dhcp 'lan'\n\toption interface 'lan'\n\toption ra 'server'\n",
};

function hints(device: string, texts: Partial<typeof good> = {}, more = ''): string[] {
  const files: Record<string, string> = { ...good, ...texts };
  const text = `config gateway 'lan'\n\toption type 'nftables'\n\tlist interface '${device}'\n${more}`;
  const loaded = loadConfig(text, 'turnpike');
  assert.ok(loaded.ok);
  const read = (file: string) => (file in files ? parseUci(files[file]!).sections : undefined);
  return loaded.ok ? gateHints(loaded.config, { interfaces, read }) : [];
}

test('a bridge in a zone of the firewall, with IPv6 of the router’s own: there is nothing to say', () => {
  assert.equal(hints('br-lan'), []);
});

test('a port of a bridge holds nobody: the bridge is named', () => {
  assert.match(hints('lan1').join(), /lan1 is a port of br-lan.*name br-lan/);
});

test('the way to the Internet within the customers’ bridge', () => {
  const network = good.network.replace('eth1', 'lan1');
  assert.match(hints('br-lan', { network }).join(), /lan1, the way to the Internet, is a port of br-lan/);
});

test('the same where the firewall masquerades, whatever the network is called', () => {
  const network = good.network.replace('eth1', 'lan1').replace("'wan'", "'starlink'");
  const zone = "config zone\n\toption name 'out'\n\tlist network 'starlink'\n\toption masq '1'\n";
  const said = (more: string) => hints('br-lan', { network, firewall: good.firewall + more });
  assert.match(said(zone).join(), /lan1, the way to the Internet, is a port of br-lan/);
  assert.equal(said(zone.replace("masq '1'", "masq '0'")), []);
});

test('an interface that is not there, as by a typing error, is named', () => {
  assert.match(hints('br-lna').join(), /there is no network interface br-lna/);
});

test('a zone that has the bridge by its device is a zone', () => {
  const firewall = "config zone\n\toption name 'guest'\n\tlist device 'br-lan'\n";
  assert.equal(hints('br-lan', { firewall }), []);
});

test('a network in no zone of the firewall', () => {
  assert.match(hints('br-lan', { firewall: '' }).join(), /network lan on br-lan is in no zone/);
});

test('IPv6 that is relayed', () => {
  assert.match(hints('br-lan', { dhcp: good.dhcp.replace('server', 'relay') }).join(), /relays IPv6/);
});

test('an owner who sells every network is told that they will not reach the router, until they name their device', () => {
  const network = good.network.replace("'office'", "'wan6'");
  assert.match(hints('br-lan', { network }).join(), /no device is in allow_mac/);
  assert.equal(hints('br-lan', { network }, "\tlist allow_mac '02:00:00:00:00:01'\n"), []);
});

test('a zone that refuses what comes to the router needs a rule for the page', () => {
  const shop = "config turnpike 'main'\n\toption page_port '2080'\n";
  const zone = good.firewall.replace("'lan'", "'guest'").concat("\toption input 'REJECT'\n");
  const rule = (ports: string, more = '') =>
    `${zone}config rule\n\toption src 'guest'\n\toption target 'ACCEPT'\n\toption dest_port '${ports}'\n${more}`;
  const isTold = (firewall: string) =>
    hints('br-lan', { firewall }, shop).some((hint) => hint.includes('guest') && hint.includes('2080'));
  assert.ok(isTold(zone));
  assert.ok(isTold(rule('53 67-68')));
  assert.ok(isTold(rule('2080', "\toption proto 'udp'\n")));
  assert.ok(isTold(rule('2080', "\toption dest 'wan'\n")));
  assert.not.ok(isTold(rule('53 2080')));
  assert.not.ok(isTold(rule('2000-2100', "\toption proto 'tcp'\n")));
});

test.run();
