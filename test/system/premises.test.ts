// What a portal's owner has let through for everybody, in the kernel's own table: the real nft takes every rule, an
// address of the walled garden comes and goes without the table being made anew, and a hostile text changes nothing.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Marks } from '../../src/kernel/marks.js';
import { type Nft, nftAt } from '../../src/kernel/nft.js';
import { KernelTable } from '../../src/kernel/table.js';
import type { Premises } from '../../src/ports/premises.js';
import { takenOver } from '../portals/premises/own.js';
import { Room } from './rig/room.js';

interface Context {
  room: Room;
  dir: string;
  nft: Nft;
  premises: Premises;
  table: KernelTable;
}

const test = suite<Context>('premises');

test.before.each(async (c) => {
  c.room = await Room.open();
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(c.dir, 'nft');
  writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${c.room.pid} --net -- nft "$@"\n`);
  chmodSync(file, 0o755);
  c.nft = nftAt(file);
  const wanted = { hold: () => undefined, holds: () => [], premises: () => [c.premises] };
  const readAll = async () => ({ moved: [], seen: 0 });
  c.table = new KernelTable({ nft: c.nft, readAll, wanted, marks: new Marks(0xff0000ff), log: () => {} });
});

test.after.each(async (c) => {
  await c.table.stop();
  await c.room.close();
  rmSync(c.dir, { recursive: true });
});

function premisesOf(
  type: 'opennds' | 'nodogsplash',
  text: string,
  addresses: readonly string[] = [],
): Premises {
  const { garden, faults: _, ...rest } = takenOver(type, text);
  return { ...rest, exclusive: true, ...(garden && { garden: { ports: garden.ports, addresses } }) };
}

const rules = [
  'allow tcp port 443 to 1.2.3.4',
  'allow udp port 5000-5010',
  'block all to 10.1.0.0/16',
  'allow all to fd00::/8',
  'allow tcp to 2001:db8::1',
];

test('nft takes every rule that an owner may write, and an audit finds them as they were written', async (c) => {
  const list = rules.map((rule) => `\tlist preauthenticated_users '${rule}'\n`).join('');
  const names = "\tlist walledgarden_fqdn_list 'shop.example'\n\tlist walledgarden_port_list '443 8020'\n";
  c.premises = premisesOf('opennds', `${list}${names}\tlist trustedmac '02:00:00:00:00:01'\n`);
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
  const listed = await c.nft(['list', 'chain', 'inet', 'turnpike', 'strangers']);
  // The walled garden is a rule for each address family.
  assert.is([...listed.matchAll(/iifname "br-lan"/g)].length, rules.length + 2, listed);
  await c.table.audit();
  assert.equal(c.table.status.mended, 0);
  c.premises = premisesOf('nodogsplash', "\tlist preauthenticated_users 'allow icmp'\n");
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
});

test('an address of a walled garden opens and shuts, and the table stays the one that it is', async (c) => {
  const text = "\tlist walledgarden_fqdn_list 'shop.example'\n";
  const handles = async () =>
    (await c.nft(['-a', 'list', 'table', 'inet', 'turnpike'])).match(/^table .*$/m)![0];
  const garden = () => c.nft(['list', 'set', 'inet', 'turnpike', 'garden4']);
  c.premises = premisesOf('opennds', text);
  await c.table.audit();
  const before = await handles();
  c.premises = premisesOf('opennds', text, ['203.0.113.8', '203.0.113.9']);
  await c.table.audit();
  assert.match(await garden(), /203\.0\.113\.8, 203\.0\.113\.9/);
  c.premises = premisesOf('opennds', text, ['203.0.113.9']);
  await c.table.audit();
  assert.not.match(await garden(), /203\.0\.113\.8/);
  assert.is(await handles(), before);
  assert.is(c.table.status.mended, 0, 'nobody else has changed it');
});

test('a hostile text in a portal’s configuration leaves the table whole', async (c) => {
  c.premises = premisesOf(
    'opennds',
    `\toption gatewayinterface 'x" drop; flush ruleset; "'\n\tlist preauthenticated_users 'allow all to 1.1.1.1; flush ruleset'\n`,
  );
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
  assert.match(await c.nft(['list', 'set', 'inet', 'turnpike', 'sale']), /"br-lan"/);
});

test.run();
