// Names that are open to everybody at turnpike's own gate, with a real dnsmasq, which puts the addresses into the kernel's
// sets as devices look the names up.
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { gatewayAddress, serverAddress, serverAddress6 } from './rig/network.js';
import { OwnShop } from './rig/own-shop.js';
import type { RoomProcess } from './rig/room.js';

const name = 'pay.example.com';
const always = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--user=root'];
const quiet = ['--pid-file=', '--log-facility=-', '--bind-dynamic', '--cache-size=150'];

interface Context {
  shop: OwnShop;
  world: RoomProcess;
}

const test = suite<Context>('open names');

/** Names of the world, as the router's upstream tells them. */
const worldly = (c: Context, ...addresses: string[]) =>
  c.shop.rooms[1]!.start('dnsmasq', [
    ...[...always, ...quiet, '--no-daemon'],
    ...addresses.map((one) => `--address=/${name}/${one}`),
    '--address=/other.example/198.51.100.7',
  ]);

const phone = (c: Context) => c.shop.rooms[2]!;

/** The status of the server's page, by address; 302 is the way to turnpike's page. */
async function status(c: Context, host: string): Promise<number> {
  const asks = ['-gs', '-o', '/dev/null', '-m', '5', '-w', '%{http_code}', `http://${host}/?bytes=1`];
  const curl = phone(c).start('curl', asks);
  curl.stdin.end();
  curl.stderr.resume();
  const said = await text(curl.stdout);
  await curl.exited;
  return Number(said);
}

const both = async (c: Context) => [await status(c, serverAddress), await status(c, `[${serverAddress6}]`)];

const asking = `const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers([process.argv[1]]);
Promise.all([resolver.resolve4(process.argv[2]), resolver.resolve6(process.argv[2]).catch(() => [])])
  .then((found) => console.log(found.flat().join()), () => console.log(''));`;

/** Looks a name up from the phone, until the router knows it. @returns its addresses */
async function lookUp(c: Context, of = name): Promise<string> {
  let found = '';
  await until(`an answer for ${of}`, async () => {
    found = (await phone(c).run(process.execPath, ['-e', asking, gatewayAddress, of])).trim();
    return found !== '';
  });
  return found;
}

const set = (c: Context, table: string, name: string) =>
  c.shop.gateway.run('nft', ['list', 'set', 'inet', table, name]);

test.before(async (c) => {
  c.shop = await OwnShop.open(1, [`list allow_host '${name}'`]);
  c.world = worldly(c, serverAddress, serverAddress6);
  const sets = '4#inet#turnpike_names#open4,6#inet#turnpike_names#open6';
  // As OpenWrt's dnsmasq has it from a section `ipset`.
  const own = [`--server=${serverAddress}`, `--nftset=/${name}/${sets}`];
  const isThere = async () =>
    (await c.shop.gateway.run('nft', ['list', 'tables'])).includes('turnpike_names');
  await until('the sets for dnsmasq', isThere);
  c.shop.gateway.start('dnsmasq', [...always, ...quiet, '--no-daemon', ...own]);
});

test.after(async (c) => {
  await c.shop?.close();
});

test('a name that nobody looked up is shut, and another name opens nothing', async (c) => {
  assert.is(await lookUp(c, 'other.example'), '198.51.100.7');
  assert.equal(await both(c), [302, 302]);
});

test('looked up, its addresses are open in both families for a device without a session', async (c) => {
  assert.is(await lookUp(c), `${serverAddress},${serverAddress6}`);
  await until('open', async () => (await both(c)).every((one) => one === 200));
  const { stdout, exited } = phone(c).start('curl', ['-s', '-m', '2', `http://${gatewayAddress}:8080/`]);
  stdout.resume();
  assert.is.not(await exited, 0, 'and nothing else');
});

test('after the ruleset was flushed they are open again, although dnsmasq answers from its memory', async (c) => {
  await c.shop.gateway.run('nft', ['flush', 'ruleset']);
  await until('open', async () => (await both(c)).every((one) => one === 200));
  const isBack = async () =>
    (await set(c, 'turnpike_names', 'open4').catch(() => '')).includes(serverAddress);
  await until('the sets for dnsmasq', isBack);
  assert.match(await set(c, 'turnpike_names', 'open6'), serverAddress6);
});

test('another address of the name opens too, and the one before stays', async (c) => {
  await c.world.signal('KILL');
  await c.world.exited;
  c.world = worldly(c, '203.0.113.77', serverAddress6);
  await until('the new address', async () => (await lookUp(c)).startsWith('203.0.113.77'));
  await until('both', async () =>
    /203\.0\.113\.2, 203\.0\.113\.77/.test(await set(c, 'turnpike', 'garden4')),
  );
  assert.equal(await both(c), [200, 200]);
});

test('the table made anew has the addresses', async (c) => {
  await c.shop.gateway.run('nft', ['delete', 'table', 'inet', 'turnpike']);
  await until('open', async () => (await both(c)).every((one) => one === 200));
});

test('a turnpike that starts again has them from the first', async (c) => {
  const { daemon } = c.shop;
  await daemon.end('SIGKILL');
  await daemon.start();
  assert.match(await set(c, 'turnpike', 'garden4'), serverAddress);
  assert.equal(await both(c), [200, 200]);
  // The start has written nothing, and the killed one's `nft monitor` ends with the next thing that it has to say.
  await c.shop.gateway.run('nft', ['add', 'table', 'inet', 'elsewhere']);
});

test.run();
