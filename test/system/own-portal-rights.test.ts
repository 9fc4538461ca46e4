// turnpike at the gate itself without root: CAP_NET_ADMIN and nothing else, as `option drop_root` starts it.
import { readFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { OwnShop } from './rig/own-shop.js';

/** Nobody's number in particular. */
const user = 32_768;
/** CAP_NET_ADMIN is number 12 (capability.h). */
const netAdmin = (1 << 12).toString(16).padStart(16, '0');

let shop: OwnShop;

test.before(async () => {
  shop = await OwnShop.open(1, [], undefined, { user });
  await shop.gateway.run('sh', ['-c', 'echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct']);
});

test.after(async () => {
  await shop?.close();
});

test('the daemon has no right but one, and cannot get another', () => {
  const status = readFileSync(`/proc/${shop.daemon.pid()}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
  assert.is(field('Uid'), Array(4).fill(user).join('\t'));
  for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.is(field(set), netAdmin, set);
  assert.is(field('NoNewPrivs'), '1');
});

test('it sells, lets both families through, counts what crosses, and closes', async () => {
  const [phone] = shop.clients;
  const { id } = await shop.sell(phone!, 50);
  const before = await shop.crossed(phone!);
  assert.ok((await phone!.download(2_000_000)).ok, shop.daemon.log());
  assert.ok((await phone!.download(1_000_000, { ipv6: true })).ok, shop.daemon.log());
  const crossed = (await shop.crossed(phone!)) - before;
  const billed = await shop.end(id);
  // The last packets of a connection may be under way when either count is read.
  assert.ok(Math.abs(billed - crossed) < 0.01 * crossed, `${billed} billed, ${crossed} crossed`);
  assert.is((await phone!.download(1_000)).ok, false);
});

test('it reads the list of connections, which root has opened for it', async () => {
  const [phone] = shop.clients;
  const { id } = await shop.sell(phone!, 50);
  const counted = async () => {
    const { connections } = (await shop.daemon.call('status')).backstop as Table;
    return connections === 'counted';
  };
  await until('a look at the connections', counted);
  await shop.end(id);
});

test('it starts again with what it has sold', async () => {
  const [phone] = shop.clients;
  const { id } = await shop.sell(phone!, 20);
  await shop.daemon.end('SIGKILL');
  await shop.daemon.start();
  await until('active again', async () => (await shop.session(id)).state === 'active');
  assert.ok((await phone!.download(1_000_000)).ok, shop.daemon.log());
  await shop.end(id);
});

test.run();
