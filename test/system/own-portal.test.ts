// turnpike at the gate itself, with no portal daemon: real traffic of both families between network namespaces.
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { gatewayAddress, serverAddress, serverAddress6 } from './rig/network.js';
import { OwnShop, pagePort } from './rig/own-shop.js';

/** A packet that would cross a cap is dropped whole, in bytes. */
const packet = 65_536;
/** What curl says of a connection that was refused, and of one that nobody answered. */
const [refused, unanswered] = [7, 28];

let shop: OwnShop;
const [one, two, owner] = [0, 1, 2].map((n) => () => shop.clients[n]!) as [Ask, Ask, Ask];
type Ask = () => Client;
const room = (client: Client) => shop.rooms[2 + shop.clients.indexOf(client)]!;

/** What a device sees of a web page, and how curl ended. */
async function fetched(client: Client, url: string, seconds = 30): Promise<{ page: string; end: number }> {
  const curl = room(client).start('curl', ['-gsL', '-m', String(seconds), url]);
  curl.stdin.end();
  curl.stderr.resume();
  const page = await text(curl.stdout);
  return { page, end: await curl.exited };
}

/** Asks for 200 names at once. */
const asking = `const s = require('node:dgram').createSocket(process.argv[2]);
let left = 200;
const ask = () => (left-- > 0 ? s.send('name?', 53, process.argv[1], ask) : s.close());
ask();`;

/**
 * The last packets of a connection may be under way when either count is read, and one that is lost between the gate and
 * the device was let pass.
 */
function isSame(billed: number, passed: number): void {
  const apart = 1_000 + Math.max(0, Math.sign(billed - passed)) * passed * 0.001;
  assert.ok(Math.abs(billed - passed) < apart, `${billed} billed, ${passed} crossed`);
}

test.before(async () => {
  shop = await OwnShop.open(3, ["list allow_mac '02:77:00:00:01:0d'"]);
});

test.after(async () => {
  await shop?.close();
});

test('without a session nothing crosses, web pages lead to ours in both families, and HTTPS is refused at once', async () => {
  const before = await shop.crossed(two());
  for (const host of [serverAddress, `[${serverAddress6}]`]) {
    assert.match((await fetched(one(), `http://${host}/any`)).page, /Internet access/, host);
    assert.is((await fetched(one(), `https://${host}/`)).end, refused, host);
    assert.is((await fetched(one(), `http://${host}:8080/`, 1)).end, unanswered, host);
  }
  const sent = `const s = require('node:dgram').createSocket('udp4');
    s.send(Buffer.alloc(1000), 9, process.argv[1], () => s.close());`;
  await room(two()).run(process.execPath, ['-e', sent, serverAddress]);
  const at = await shop.rooms[1]!.run('sh', ['-c', 'cat /proc/net/snmp | grep "^Udp:" | tail -1']);
  assert.is(Number(at.split(' ')[2]) + Number(at.split(' ')[1]), 0, 'no datagram has come to the server');
  assert.ok((await shop.crossed(two())) - before < 2_000);
});

test('the router shows the page to a device without a session, and nothing else of its own', async () => {
  const listening = "for (const port of [22, 53]) require('node:net').createServer().listen(port)";
  const shell = shop.gateway.start(process.execPath, ['-e', listening]);
  const isOpen = async () => /:22 [\s\S]*:53 |:53 [\s\S]*:22 /.test(await shop.gateway.run('ss', ['-tln']));
  await until('a shell of the router, and names over TCP', isOpen);
  for (const host of [gatewayAddress, '[fd77::1]']) {
    assert.match((await fetched(one(), `http://${host}:${pagePort}/`)).page, /Internet access/);
    assert.match((await fetched(one(), `http://${host}/`)).page, /Internet access/);
    for (const port of [22, 53]) {
      assert.is((await fetched(one(), `http://${host}:${port}/`)).end, refused);
      // To the owner's own device nothing is said there, but the connection is taken.
      assert.is((await fetched(owner(), `http://${host}:${port}/`, 1)).end, unanswered);
    }
  }
  await shell.signal('KILL');
  await shell.exited;
});

test('the owner’s device passes without a session', async () => {
  assert.ok((await owner().download(1_000_000)).ok);
  assert.ok((await owner().download(1_000_000, { ipv6: true })).ok);
});

test('a sale opens the gate at once for both families, is counted, and a close shuts it', async () => {
  const began = performance.now();
  const { id } = await shop.sell(one(), 100);
  const opened = performance.now() - began;
  const before = await shop.crossed(one());
  assert.ok((await one().download(1)).ok);
  console.log(
    `  sold and open after ${opened.toFixed(0)} ms, first byte after ${(performance.now() - began).toFixed(0)} ms`,
  );
  assert.equal(await one().download(3_000_000, { ipv6: true }), { bytes: 3_000_000, ok: true });
  assert.equal(await one().upload(2_000_000), { bytes: 2_000_000, ok: true });
  const passed = (await shop.crossed(one())) - before;
  isSame(await shop.end(id), passed);
  assert.match((await fetched(one(), `http://${serverAddress}/`)).page, /Internet access/);
  assert.is((await fetched(one(), `https://[${serverAddress6}]/`)).end, refused);
});

test('a cap holds for both families together, and not a byte passes beyond it', async () => {
  const { id } = await shop.sell(one(), 5);
  const before = await shop.crossed(one());
  const first = await one().download(3_000_000, { ipv6: true });
  assert.ok(first.ok);
  const given = new AbortController();
  const more = one().download(10_000_000, { signal: given.signal });
  await until('ended', async () => (await shop.session(id)).state === 'expired');
  given.abort();
  assert.not.ok((await more).ok);
  const passed = (await shop.crossed(one())) - before;
  const billed = await shop.billed(id);
  console.log(`  ${billed} of 5,000,000 bytes billed, ${passed} crossed`);
  assert.ok(billed <= 5_000_000 && billed > 5_000_000 - packet, String(billed));
});

test('names are looked up at the router alone, whomever a device asks, and not without end', async () => {
  const count = (chain: string, hook: string) =>
    `chain ${chain} { type filter hook ${hook} priority 10; udp dport 53 counter name ${chain}; }`;
  const chains = `counter here { }\ncounter on { }\n${count('here', 'input')}\n${count('on', 'postrouting')}`;
  await shop.gateway.run('nft', ['-f', '-'], `table inet seen {\n${chains}\n}\n`);
  const began = performance.now();
  for (const [host, family] of [
    [serverAddress, 'udp4'],
    [serverAddress6, 'udp6'],
  ] as const)
    await room(two()).run(process.execPath, ['-e', asking, host, family]);
  const list = await shop.gateway.run('nft', ['list', 'counters', 'table', 'inet', 'seen']);
  const [here, on] = ['here', 'on'].map((name) =>
    Number(list.match(new RegExp(`${name} {\\s+packets (\\d+)`))?.[1]),
  );
  const most = 60 + 5 * Math.ceil((performance.now() - began) / 1000 + 1);
  console.log(`  ${here} of 400 questions came to the router, ${on} went on`);
  assert.is(on, 0);
  assert.ok(here! >= 60 && here! <= most, `${here} of at most ${most}`);
  await shop.gateway.run('nft', ['delete', 'table', 'inet', 'seen']);
});

test('the daemon is killed and starts again: what was sold goes on, and nobody else passes', async () => {
  const { id } = await shop.sell(one(), 40);
  const before = await shop.crossed(one());
  let killed: Promise<unknown> | undefined;
  const download = await one().download(15_000_000, {
    ratePerSecond: 10_000_000,
    ipv6: true,
    onProgress: (bytes) => {
      if (bytes > 3_000_000) killed ??= shop.daemon.end('SIGKILL').then(() => shop.daemon.start());
    },
  });
  assert.ok(download.ok);
  assert.is((await two().upload(10_000)).ok, false);
  await killed;
  await until('active again', async () => (await shop.session(id)).state === 'active');
  const passed = (await shop.crossed(one())) - before;
  isSame(await shop.end(id), passed);
});

test('somebody flushes the ruleset: the gate is back, for who has paid and for who has not', async () => {
  const { id } = await shop.sell(one(), 50);
  await shop.gateway.run('nft', ['flush', 'ruleset']);
  const isBack = async () => (await shop.gateway.run('nft', ['list', 'tables'])).includes('inet turnpike\n');
  await until('the table back', isBack);
  assert.ok((await one().download(1_000_000, { ipv6: true })).ok);
  assert.match((await fetched(two(), `http://${serverAddress}/`)).page, /Internet access/);
  assert.is((await fetched(two(), `http://[${serverAddress6}]:8080/`, 1)).end, unanswered);
  await shop.end(id);
});

test.run();
