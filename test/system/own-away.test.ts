// A customer whose time stands still while they are away, and who listens all the same: what is sent to them is counted where
// it leaves the gateway, in both families.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { serverAddress, serverAddress6 } from './rig/network.js';
import { OwnShop } from './rig/own-shop.js';
import type { Room } from './rig/room.js';
import { Steady, startEcho } from './rig/steady.js';

/** What comes in for a device that is away before nothing more does, in bytes. */
const most = 131_072;
const plan = `config plan 'pausing'
	option metric 'time'
	option step '1min'
	option pause_away '1'
	list price '0.05 USD'
`;

/** A datagram of the customer's from port 5000 to port 5001, which makes a connection. */
const call = `const s = require('node:dgram').createSocket(process.argv[1]);
s.bind(5000, () => s.send('hello', 5001, process.argv[2], () => s.close()));`;
/** 20 MB on it, as fast as they go. */
const burst = `const s = require('node:dgram').createSocket(process.argv[1]);
let left = 15_000;
const send = () => (left-- > 0 ? s.send(Buffer.alloc(1_400), 5000, process.argv[2], send) : s.close());
s.bind(5001, send);`;
/** The device answers nobody who asks for its addresses. */
const silence = `table arp silent { chain out { type filter hook output priority 0; drop; }; }
table ip6 silent { chain out { type filter hook output priority 0; drop; }; }
table ip silent { chain out { type filter hook output priority 0; drop; }; }
`;

let shop: OwnShop;

test.before(async () => {
  shop = await OwnShop.open(2, ["option away_after '10s'", "option poll_max '1s'"], async () => plan);
  await startEcho(shop.rooms[1]!);
  const passed = `table inet passed {
    counter down { }
    chain out { type filter hook forward priority 300; oifname "br-lan" counter name down; }
  }\n`;
  await shop.gateway.run('nft', ['-f', '-'], passed);
});

test.after(async () => {
  await shop?.close();
});

const node = (room: Room, ...args: string[]) => room.run(process.execPath, ['-e', ...args]);

/** Bytes that left the gateway for its customers. */
async function passed(): Promise<number> {
  const counter = await shop.gateway.run('nft', ['list', 'counter', 'inet', 'passed', 'down']);
  return Number(/bytes (\d+)/.exec(counter)![1]);
}

for (const [at, name, kind, server, to] of [
  [0, 'IPv4', 'udp4', serverAddress, 'ip'],
  [1, 'IPv6', 'udp6', serverAddress6, 'ip6'],
] as const) {
  test(`20 MB at once over ${name} are cut at 128 kB and billed as far as they passed, and who comes back loses nothing`, async () => {
    const [client, device] = [shop.clients[at]!, shop.rooms[2 + at]!];
    const { id } = await shop.sell(client, 60, 'pausing');
    const state = async () => (await shop.session(id)).state;
    await node(device, call, kind, server);
    await device.run('nft', ['-f', '-'], silence);
    await shop.gateway.run('ip', ['neigh', 'flush', 'dev', 'br-lan']);
    await until('away', async () => (await state()) === 'suspended');

    const [before, billed] = [await passed(), await shop.billed(id)];
    await node(shop.rooms[1]!, burst, kind, client[to]);
    const came = (await passed()) - before;
    assert.ok(came > most - 2_000 && came <= most, `${came} passed`);
    await until('billed', async () => (await shop.billed(id)) - billed === came);
    assert.is(await state(), 'suspended');

    for (const family of ['arp', 'ip6', 'ip']) await device.run('nft', ['delete', 'table', family, 'silent']);
    const stream = new Steady(device);
    await stream.goesOn();
    await until('their time runs', async () => (await state()) === 'active');
    const { sent, back } = await stream.stop();
    assert.is(back, sent);
    await shop.end(id);
  });
}

test.run();
