// What the owner of an openNDS has let through for everybody stays open when turnpike takes over.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { takenOver } from '../premises/own.js';

const opennds = (text: string) => takenOver('opennds', text);
const rule = (text: string) => opennds(`\tlist preauthenticated_users '${text}'\n`);

test('its interface is for sale where the gateway names none, br-lan by default', () => {
  assert.equal(opennds("\toption gatewayinterface 'br-guest'\n").interfaces, ['br-guest']);
  assert.equal(opennds('').interfaces, ['br-lan']);
  const odd = opennds(`\toption gatewayinterface 'eth0"; flush ruleset'\n`);
  assert.equal(odd.interfaces, ['br-lan']);
  assert.match(odd.faults[0]!, /gatewayinterface 'eth0"; flush ruleset' is no network interface/);
});

test('trusted devices are taken over, in each way in which openNDS takes them', () => {
  const { trusted, faults } = opennds(
    "\tlist trustedmac 'AA:BB:CC:00:00:01,aa:bb:cc:00:00:02'\n\tlist trustedmac 'aa:bb:cc:00:00:01'\n\tlist trustedmac 'printer'\n",
  );
  assert.equal(trusted, ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02']);
  assert.equal(faults, ["trustedmac 'printer' is no MAC address of a device"]);
});

test('rules for those who have not paid are taken over as openNDS documents them', () => {
  assert.equal(rule('allow tcp port 443 to 1.2.3.4').open, [{ protocol: 'tcp', port: 443, to: '1.2.3.4' }]);
  assert.equal(rule('allow udp port 53').open, [{ protocol: 'udp', port: 53 }]);
  assert.equal(rule('passthrough tcp port 80').open, [{ protocol: 'tcp', port: 80 }]);
  assert.equal(rule('allow tcp port 8000-8010').open, [{ protocol: 'tcp', port: 8000, lastPort: 8010 }]);
  assert.equal(rule('allow all to 10.9.0.0/16').open, [{ to: '10.9.0.0/16' }]);
  assert.equal(rule('allow to 10.9.8.7').open, [{ to: '10.9.8.7' }]);
  assert.equal(rule('block to 10.9.8.7').open, [{ to: '10.9.8.7', shut: true }]);
});

test('the last rule goes first, as openNDS inserts them', () => {
  const { open } = opennds(
    "\tlist preauthenticated_users 'allow all to 10.0.0.0/8'\n\tlist preauthenticated_users 'block all to 10.1.0.0/16'\n",
  );
  assert.equal(open, [{ to: '10.1.0.0/16', shut: true }, { to: '10.0.0.0/8' }]);
});

test('a rule that cannot be made out opens nothing, and is named', () => {
  const odd = [
    'allow tcp port 443 to shop.example',
    'allow icmp',
    'allow port 80',
    'open all',
    'allow tcp port 0',
  ];
  for (const text of [...odd, 'allow udp port 53 from 10.0.0.1', 'allow all to 1.2.3.4; flush ruleset']) {
    const { open, faults } = rule(text);
    assert.equal(open, [], text);
    assert.is(faults.length, 1, text);
    assert.ok(faults[0]!.includes(text), faults[0]);
  }
});

test('a rule that lets everybody through is kept, and the owner is told that nothing will be sold', () => {
  const { open, faults } = rule('allow all');
  assert.equal(open, [{}]);
  assert.equal(faults, ["preauthenticated_users 'allow all' lets everybody through, unpaid"]);
});

test('so is a rule that opens every port of TCP or UDP everywhere; one port is the owner’s business', () => {
  for (const text of ['allow tcp', 'passthrough udp to 0.0.0.0/0'])
    assert.equal(rule(text).faults, [`preauthenticated_users '${text}' lets everybody through, unpaid`]);
  for (const text of ['allow tcp port 443', 'allow tcp to 1.2.3.4', 'block tcp'])
    assert.equal(rule(text).faults, []);
});

test('names of a walled garden are open at its ports, at all where it has none', () => {
  const names = "\tlist walledgarden_fqdn_list 'shop.example bank.example'\n";
  assert.equal(opennds(names).garden!.ports, []);
  assert.equal(opennds(`${names}\tlist walledgarden_port_list '443 8020'\n`).garden!.ports, [443, 8020]);
  assert.is(opennds("\tlist walledgarden_port_list '443'\n").garden, undefined);
  const odd = opennds(`${names}\tlist walledgarden_port_list '443 }; flush ruleset; {'\n`);
  assert.is(odd.garden, undefined);
  assert.match(odd.faults[0]!, /stay shut$/);
});

test.run();
