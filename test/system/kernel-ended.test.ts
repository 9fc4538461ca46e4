// A connection of a session that is over, or that waits, moves nothing, whoever sends on it: with the real nft, where one
// portal has an interface for itself and where portals share it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { nftAt } from '../../src/kernel/nft.js';
import { KernelTable } from '../../src/kernel/table.js';
import { hold, marks, Wish } from '../kernel/wanted.js';
import { Client } from './rig/client.js';
import { nftIn } from './rig/kernel-shop.js';
import { buildNetwork, type Network, serverAddress } from './rig/network.js';
import type { Room } from './rig/room.js';

const datagrams = 20;

/** A datagram of the customer's from port 5000 to port 5001. */
const call = `const s = require('node:dgram').createSocket('udp4');
s.bind(5000, () => s.send('hello', 5001, '${serverAddress}', () => s.close()));`;
/**
 * The device says nothing by itself. Its system would answer what comes in for a socket that is closed, up to once a second,
 * and that wakes who is away.
 */
const silence = `table inet silent {
  chain out { type filter hook output priority 0; meta l4proto { icmp, ipv6-icmp } drop; }
}
`;
/** What the other end sends on the same connection. */
const answer = `const s = require('node:dgram').createSocket('udp4');
let left = Number(process.argv[2]);
const send = () => (left-- > 0 ? s.send(Buffer.alloc(1000), 5000, process.argv[1], send) : s.close());
s.bind(5001, send);`;

for (const exclusive of [true, false]) {
  interface Context {
    rooms: Room[];
    network: Network;
    program: ReturnType<typeof nftIn>;
    table: KernelTable;
    wish: Wish;
    one: Client;
  }
  const test = suite<Context>(exclusive ? 'an interface of one portal' : 'an interface that portals share');

  test.before(async (c) => {
    c.rooms = [];
    c.network = await buildNetwork(2, c.rooms);
    const [one, two] = c.network.stations;
    c.one = await Client.start(one!);
    await one!.room.run('nft', ['-f', '-'], silence);
    // The second device sends in the first one's name: an address for itself alone, and its own MAC.
    await two!.room.run('ip', ['addr', 'add', `${one!.ip}/32`, 'dev', 'lo']);
    const neighbour = ['neigh', 'replace', one!.ip, 'lladdr', one!.mac, 'dev', 'br-lan', 'nud', 'permanent'];
    await c.network.gateway.run('ip', neighbour);
    c.program = nftIn(c.network.gateway);
    c.wish = new Wish();
    c.wish.places = [{ interfaces: ['br-lan'], exclusive, trusted: [], open: [] }];
    c.table = tableOf(c);
  });

  test.after(async (c) => {
    await c.table.stop();
    await Promise.all(c.rooms.map((room) => room.close()));
    c.program.remove();
  });

  function tableOf({ program, wish }: Context): KernelTable {
    const readAll = async () => ({ moved: [], seen: 0 });
    return new KernelTable({ nft: nftAt(program.file), readAll, wanted: wish, marks, log: () => {} });
  }

  const node = (room: Room, script: string, ...args: string[]) =>
    room.run(process.execPath, ['-e', script, ...args]);
  const asks = ({ network }: Context) => node(network.stations[0]!.room, call);

  /** Datagrams that the other end sends on the connection, and that arrive. */
  async function arriving({ network, one }: Context, count = datagrams): Promise<number> {
    const { down } = await one.counters();
    await node(network.wan, answer, one.ip, String(count));
    return Math.round(((await one.counters()).down - down) / 1_028);
  }

  async function put(c: Context, live: boolean, away = false): Promise<void> {
    c.wish.put(hold('a', { mac: c.one.mac as Mac, live, away, caps: {} }));
    await c.table.sync(['a']);
    assert.is(c.table.status.state, 'on', c.table.status.error);
  }

  test('a live session moves what comes in', async (c) => {
    await put(c, true);
    await asks(c);
    assert.is(await arriving(c), datagrams);
  });

  test('who sends in a customer’s name moves nothing, and cuts nobody off', async (c) => {
    const before = await c.network.wan.run('cat', ['/proc/net/snmp']);
    const forged = call.replace('bind(5000,', `bind(5000, '${c.one.ip}',`);
    await node(c.network.stations[1]!.room, forged);
    const after = await c.network.wan.run('cat', ['/proc/net/snmp']);
    const received = (text: string) => Number(/^Ip: \d+ \d+ (\d+)/m.exec(text)![1]);
    // An interface that is shared lets devices pass that turnpike does not know: that is its portal's business.
    if (exclusive) assert.is(received(after), received(before));
    assert.is(await arriving(c), datagrams);
  });

  test('a packet of an away device that is dropped at a cap wakes nobody', async (c) => {
    await put(c, true);
    await asks(c);
    const { up, down } = (await c.table.count('a'))!;
    c.wish.put(hold('a', { mac: c.one.mac as Mac, away: true, caps: { up: up + 10 }, used: { up, down } }));
    await c.table.sync(['a']);
    await arriving(c, 1_000);
    await asks(c);
    assert.is((await c.table.count('a'))!.up, up);
    assert.is(await arriving(c), 0);
    await put(c, true);
  });

  test('one whose device is away moves little that comes in, and all of it from what its device sends first', async (c) => {
    await put(c, true, true);
    const many = 1_000;
    const came = await arriving(c, many);
    assert.ok(came > 100 && came * 1_028 <= 131_072, `${came} of ${many}`);
    assert.is(await arriving(c, many), 0);
    const { up } = (await c.table.count('a'))!;
    await asks(c);
    assert.is((await c.table.count('a'))!.up - up, 33);
    assert.is(await arriving(c, many), many);
    await put(c, true);
    await put(c, true, true);
    assert.ok((await arriving(c)) > 0, 'away once more');
    await put(c, true);
    assert.is(await arriving(c), datagrams);
  });

  test('one that is over and was away is shut out by the next run, before that has read the table', async (c) => {
    await put(c, true, true);
    await tableOf(c).cut([c.one.mac as Mac]);
    await asks(c);
    assert.is(await arriving(c), 0);
    // This run has not written that: it finds out when it compares the table.
    await c.table.audit();
    await put(c, true);
    await asks(c);
    assert.is(await arriving(c), datagrams);
  });

  test('one that is over or waits moves nothing, before its customer sends and afterwards', async (c) => {
    await put(c, false);
    assert.is(await arriving(c), 0);
    await asks(c);
    assert.is(await arriving(c), 0, 'after a datagram of the customer’s');
  });

  test('one that goes on moves what comes in again', async (c) => {
    await put(c, true);
    await asks(c);
    assert.is(await arriving(c), datagrams);
  });

  test('one that is forgotten moves nothing', async (c) => {
    c.wish.list = [];
    await c.table.sync(['a']);
    assert.is(await arriving(c), 0);
  });

  test.run();
}
