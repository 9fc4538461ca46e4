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

test('who takes the address of another device acts for their own from the next request on', async () => {
  const clock = new TestClock();
  let table = head + line('10.0.0.7', '02:00:00:00:00:07');
  let ip = 'fe80::7 dev br-lan lladdr 02:00:00:00:00:07 REACHABLE\n';
  const neighbours = new Neighbours(clock, { arp: () => table, ip: async () => ip });
  assert.is((await neighbours.at('10.0.0.7'))?.mac, '02:00:00:00:00:07');
  assert.is((await neighbours.at('fe80::7'))?.mac, '02:00:00:00:00:07');
  [table, ip] = [table, ip].map((text) => text.replace('00:07', '00:08')) as [string, string];
  assert.is((await neighbours.at('10.0.0.7'))?.mac, '02:00:00:00:00:08');
  const later = neighbours.at('fe80::7');
  await clock.pass(250);
  assert.is((await later)?.mac, '02:00:00:00:00:08');
});

test('an address of IPv4 that devices on two networks have is nobody’s', async () => {
  const twice = line('10.0.0.7', '02:00:00:00:00:08').replace('br-lan', 'br-guest');
  const table = head + line('10.0.0.7', '02:00:00:00:00:07') + twice;
  const neighbours = new Neighbours(new TestClock(), { arp: () => table, ip: async () => '' });
  assert.is(await neighbours.at('10.0.0.7'), undefined);
});

test('IPv6 is asked for seldom, one who has just come is found, and an address on two links is nobody’s', async () => {
  let asked = 0;
  const lines = [
    '2001:db8::7 dev br-lan lladdr 02:00:00:00:00:07 router REACHABLE',
    'fe80::7 dev br-lan lladdr 02:00:00:00:00:07 STALE',
    'fe80::7 dev br-guest lladdr 02:00:00:00:00:09 STALE',
    '2001:db8::8 dev br-lan FAILED',
  ];
  const ip = async () => {
    asked += 1;
    return lines.join('\n');
  };
  const clock = new TestClock();
  const neighbours = new Neighbours(clock, { arp: () => head, ip });
  const found = await Promise.all(['2001:db8::7', 'fe80::7', '2001:db8::8'].map((one) => neighbours.at(one)));
  assert.equal(
    found.map((one) => one?.mac),
    ['02:00:00:00:00:07', undefined, undefined],
  );
  const strange = Array.from({ length: 100 }, (_, n) => neighbours.at(`2001:db8::1:${n}`));
  lines.push('2001:db8::8 dev br-lan lladdr 02:00:00:00:00:08 REACHABLE');
  const come = neighbours.at('2001:db8::8');
  assert.is(asked, 1, 'strange addresses start no program each');
  await clock.pass(250);
  assert.is((await come)?.mac, '02:00:00:00:00:08');
  await Promise.all(strange);
  assert.is(asked, 2);
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
