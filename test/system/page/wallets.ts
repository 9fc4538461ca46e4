// The client of @x402/fetch in customers' namespaces buys from the router's page, whatever holds the gate; the router alone
// talks to facilitator and node.
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DaemonProcess } from '../../rig/daemon.js';
import type { Client } from '../rig/client.js';
import { gatewayAddress, serverAddress } from '../rig/network.js';
import { pagePort } from '../rig/own-shop.js';
import type { Room, RoomProcess } from '../rig/room.js';

/** 20 steps of 0.05. */
const price = 1_000_000;
const address = `http://${gatewayAddress}:${pagePort}/x402/wallet?steps=20`;

/** A shop with three customers, whatever holds its gate. */
interface WalletShop {
  readonly daemon: DaemonProcess;
  readonly clients: readonly Client[];
  /** Every machine: the gateway, the web server, then the clients. */
  readonly rooms: readonly Room[];
  close(): Promise<void>;
}

let shop: WalletShop;
let bank: RoomProcess;
let lines: Interface;

const program = (name: string) => fileURLToPath(new URL(`../rig/${name}.js`, import.meta.url));
const room = (client: number) => shop.rooms[2 + client]!;

async function line(): Promise<never> {
  const [text] = await once(lines, 'line');
  return JSON.parse(text) as never;
}

/** Chain and facilitator in the web server's room, and the sections that name them. */
async function openBank(wan: Room): Promise<string> {
  bank = wan.start(process.execPath, [program('bank')]);
  bank.stderr.pipe(process.stderr);
  lines = createInterface(bank.stdout);
  const { token, payTo }: { token: string; payTo: string } = await line();
  const asked = 'ip saddr 10.77.0.0/24 tcp dport { 8402, 8545 } counter name asked';
  const chain = `chain here { type filter hook input priority 0; ${asked}; }`;
  await wan.run('nft', ['-f', '-'], `table inet bank {\n counter asked { }\n ${chain}\n}\n`);
  const at = `http://${serverAddress}`;
  const options = {
    facilitator: `${at}:8402`,
    rpc: `${at}:8545`,
    network: 'eip155:31337',
    currency: 'TUSD 6',
  };
  const all = { ...options, enabled: 1, token, pay_to: payTo, confirmations: 1 };
  const written = Object.entries(all).map(([name, value]) => `\toption ${name} '${value}'\n`);
  return `config plan 'wallet'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 TUSD'
config escrow 'escrow'
	list method 'x402-exact'
${written.join('')}`;
}

interface Session {
  readonly id: string;
  readonly mac: string;
  readonly lots_count: number;
}

interface Told {
  readonly status: number;
  readonly id: string;
  readonly success: boolean;
  readonly transaction: string;
}

/** What the stock client in a customer's room was told, and what the session of that device was charged. */
async function bought(client: number, how: string): Promise<{ told: Told[]; charged: number }> {
  const wallet = room(client).start(process.execPath, [program('wallet'), address, how]);
  wallet.stdin.end();
  wallet.stderr.pipe(process.stderr);
  const told = JSON.parse(await text(wallet.stdout)) as Told[];
  assert.is(await wallet.exited, 0);
  const [first] = told;
  for (const { status, id, success } of told) assert.equal([status, id, success], [200, first!.id, true]);
  const { sessions } = (await shop.daemon.call('sessions')) as never as { sessions: Session[] };
  const own = sessions.filter(({ mac }) => mac === shop.clients[client]!.mac);
  assert.equal(
    own.map(({ id }) => id),
    [first!.id],
    'one session',
  );
  return { told, charged: own[0]!.lots_count };
}

/**
 * @param open makes the shop; its sections are what `bank` says of the web server's room, before the daemon starts
 * @param shut what curl says of a way that is shut: 7 where it is refused, 28 where nobody answers
 */
export function wallets(
  test: ReturnType<typeof suite>,
  open: (bank: (wan: Room) => Promise<string>) => Promise<WalletShop>,
  shut: readonly number[],
): void {
  test.before(async () => {
    shop = await open(openBank);
  });

  test.after(async () => {
    bank?.stdin.end();
    await bank?.exited;
    await shop?.close();
  });

  test('before they paid, customers reach the page and neither facilitator nor node', async () => {
    for (const port of [8402, 8545]) {
      const curl = room(0).start('curl', ['-s', '-m', '1', `http://${serverAddress}:${port}/`]);
      curl.stdin.end();
      curl.stdout.resume();
      curl.stderr.resume();
      assert.ok(shut.includes((await curl.exited)!));
    }
    assert.is((await shop.clients[0]!.upload(1000)).ok, false);
  });

  test('a stock client buys, hangs up or pays twice at once: each has access once, and pays once for what it has', async () => {
    const [plain, cut, both] = await Promise.all([bought(0, 'again'), bought(1, 'cut'), bought(2, 'both')]);
    assert.equal([plain.charged, cut.charged], [1, 1]);
    assert.is(new Set(plain.told.map(({ transaction }) => transaction)).size, 1);
    // Where the first of both was done before the second came, that was a purchase of its own.
    assert.is(both.charged, new Set(both.told.map(({ transaction }) => transaction)).size);
    for (const client of shop.clients) assert.ok((await client.download(100_000)).ok);
    bank.stdin.write('\n');
    const [, seller]: string[] = await line();
    assert.is(Number(seller), price * (1 + 1 + both.charged));
    const seen = await shop.rooms[1]!.run('nft', ['list', 'counter', 'inet', 'bank', 'asked']);
    assert.match(seen, /packets 0 /, 'no customer has asked facilitator or node');
  });
}
