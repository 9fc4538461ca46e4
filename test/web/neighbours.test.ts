// Which device asks: by its address and what the kernel knows of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Neighbours } from '../../src/web/neighbours.js';
import { TestClock } from '../rig/clock.js';

const head = 'IP address       HW type     Flags       HW address            Mask     Device\n';
const line = (ip: string, mac: string, flags = '0x2') => `${ip} 0x1 ${flags} ${mac} * br-lan\n`;

test('a device is known by the table of the kernel, and one that has just come is looked for at once', async () => {
  let table = head + line('10.0.0.7', '02:00:00:00:00:07') + line('10.0.0.8', '00:00:00:00:00:00', '0x0');
  const neighbours = new Neighbours(new TestClock(), { arp: () => table, ip: async () => '' });
  assert.equal(await neighbours.at('10.0.0.7'), { mac: '02:00:00:00:00:07', interface: 'br-lan' });
  assert.is(await neighbours.at('10.0.0.8'), undefined, 'not complete');
  table += line('10.0.0.9', '02:00:00:00:00:09');
  assert.is((await neighbours.at('10.0.0.9'))?.mac, '02:00:00:00:00:09');
});

test('an address that goes to another device is that device’s a second later', async () => {
  const clock = new TestClock();
  let table = head + line('10.0.0.7', '02:00:00:00:00:07');
  const neighbours = new Neighbours(clock, { arp: () => table, ip: async () => '' });
  await neighbours.at('10.0.0.7');
  table = head + line('10.0.0.7', '02:00:00:00:00:08');
  await clock.pass(1_000);
  assert.is((await neighbours.at('10.0.0.7'))?.mac, '02:00:00:00:00:08');
});

test('IPv6 is asked for by its address, and an address on two links is nobody’s', async () => {
  const says: Record<string, string> = {
    '2001:db8::7': '2001:db8::7 dev br-lan lladdr 02:00:00:00:00:07 REACHABLE\n',
    'fe80::7':
      'fe80::7 dev br-lan lladdr 02:00:00:00:00:07 STALE\nfe80::7 dev br-guest lladdr 02:00:00:00:00:09 STALE\n',
    '2001:db8::8': '2001:db8::8 dev br-lan FAILED\n',
  };
  const neighbours = new Neighbours(new TestClock(), { arp: () => head, ip: async (at) => says[at]! });
  assert.is((await neighbours.at('2001:db8::7'))?.mac, '02:00:00:00:00:07');
  assert.is(await neighbours.at('fe80::7'), undefined);
  assert.is(await neighbours.at('2001:db8::8'), undefined);
});

test('a machine without such a table knows nobody, and nothing fails', async () => {
  const fails = () => {
    throw new Error('ENOENT');
  };
  const neighbours = new Neighbours(new TestClock(), { arp: fails, ip: async () => fails() });
  assert.is(await neighbours.at('10.0.0.7'), undefined);
  assert.is(await neighbours.at('2001:db8::7'), undefined);
});

test.run();
