// What the owner of a nodogsplash has let through for everybody stays open when turnpike takes over.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { takenOver } from '../premises/own.js';

const nodogsplash = (text: string, more: Record<string, string> = {}, options = '') =>
  takenOver('nodogsplash', text, more, options);
const rule = (text: string) => nodogsplash(`\tlist preauthenticated_users '${text}'\n`);

test('its interface is for sale where the gateway names none, also when it is the name of a network', () => {
  const network = { '/etc/config/network': "config interface 'guest'\n\toption device 'br-guest'\n" };
  assert.equal(nodogsplash("\toption gatewayinterface 'guest'\n", network).interfaces, ['br-guest']);
  assert.equal(nodogsplash("\toption gatewayinterface 'br-guest'\n", network).interfaces, ['br-guest']);
  assert.equal(nodogsplash("\toption gatewayinterface 'eth1'\n").interfaces, ['eth1']);
  assert.equal(nodogsplash('').interfaces, ['br-lan']);
  assert.equal(nodogsplash("\toption gatewayinterface 'a b'\n").interfaces, ['br-lan']);
});

test('of two instances, the one behind the socket of the gateway counts', () => {
  const second =
    "config nodogsplash\n\toption gatewayinterface 'br-two'\n\toption ndsctlsocket '/tmp/two.sock'\n";
  const both = `\toption gatewayinterface 'br-one'\n${second}`;
  assert.equal(nodogsplash(both, {}, "\toption socket '/tmp/two.sock'\n").interfaces, ['br-two']);
  assert.equal(nodogsplash(both).interfaces, ['br-one']);
});

test('rules for those who have not paid are taken over, in their order, as nodogsplash reads them', () => {
  assert.equal(rule('allow tcp port 443 to 1.2.3.4').open, [{ protocol: 'tcp', port: 443, to: '1.2.3.4' }]);
  assert.equal(rule('ALLOW udp  port 5000:5010').open, [{ protocol: 'udp', port: 5000, lastPort: 5010 }]);
  assert.equal(rule('allow icmp').open, [{ protocol: 'icmp' }]);
  assert.equal(rule('drop to 10.1.0.0/255.255.0.0').open, [{ to: '10.1.0.0/16', shut: true }]);
  assert.equal(rule('log all').open, []);
  assert.equal(rule('log all').faults, []);
  const { open } = nodogsplash(
    "\tlist preauthenticated_users 'block to 10.1.0.0/16'\n\tlist preauthenticated_users 'allow to 10.0.0.0/8'\n",
  );
  assert.equal(open, [{ to: '10.1.0.0/16', shut: true }, { to: '10.0.0.0/8' }]);
});

test('a rule that cannot be made out opens nothing, and is named', () => {
  const odd = [
    'allow tcp ipset shops',
    'allow to fd00::1::2',
    'allow port 53',
    'reject all',
    'allow to 1.2.3.4/255.0.255.0',
  ];
  for (const text of [...odd, 'allow tcp port 70000', 'allow all to 1.2.3.4 accept']) {
    const { open, faults } = rule(text);
    assert.equal(open, [], text);
    assert.is(faults.length, 1, text);
  }
});

test('a policy for no rules at all that lets everybody through is kept, and said', () => {
  const { open, faults } = nodogsplash("\toption policy_preauthenticated_users 'allow'\n");
  assert.equal(open, [{}]);
  assert.match(faults[0]!, /lets everybody through, unpaid/);
  assert.equal(nodogsplash("\toption policy_preauthenticated_users 'block'\n").open, []);
});

test('trusted devices are taken over', () => {
  assert.equal(nodogsplash("\tlist trustedmac '00:00:C0:01:D0:1D'\n").trusted, ['00:00:c0:01:d0:1d']);
});

test.run();
