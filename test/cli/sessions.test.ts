// turnpike sessions prints every session, however many pages the daemon deals them out on.

import type { Table } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { macFromNumber } from '../../src/domain/mac.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { shell, turnpike } from './turnpike.js';

/** More than two pages. */
const count = 450;

function device(n: number): string {
  return macFromNumber(0x02_00_00_00_00_00 + n);
}

const test = suite<{ daemon: DaemonProcess }>('sessions from a shell');

test.before(async (c) => {
  c.daemon = await startProcess(shop('/nonexistent'));
  const sell = (n: number) =>
    c.daemon.call('purchase', {
      mac: device(n),
      plan: 'data',
      gateway: 'lan',
      payment: { method: 'cash', reference: `till ${n}` },
      idempotency_key: `k${n}`,
    });
  await Promise.all(Array.from({ length: count }, (_, n) => sell(n)));
});

test.after(({ daemon }) => daemon?.close());

test('every session that has not ended is printed, once', async ({ daemon }) => {
  const { status, out, err } = await turnpike('sessions', '--socket', daemon.socket);
  assert.equal([status, err], [0, '']);
  const { sessions } = JSON.parse(out) as { sessions: { mac: string }[] };
  const expected = Array.from({ length: count }, (_, n) => device(n));
  assert.is(
    sessions
      .map((session) => session.mac)
      .sort()
      .join('\n'),
    expected.sort().join('\n'),
  );
});

test('those in a state, of a gateway, and none at all', async ({ daemon }) => {
  const list = async (...args: string[]) => {
    const { out, err } = await turnpike('sessions', '--socket', daemon.socket, ...args);
    return (JSON.parse(out || err) as { sessions: Table[] }).sessions.length;
  };
  // Its portal is not there, so its gate is not known to be shut.
  await daemon.call('close', { mac: device(7) });
  assert.is(await list('--state', 'closing'), 1);
  assert.is(await list('--state', 'pending'), count - 1);
  assert.is(await list('--gateway', 'lan'), count);
  assert.is(await list('--gateway', 'elsewhere'), 0);
});

test('a page that the daemon deals out reaches the end of a pipe as whole JSON', async ({ daemon }) => {
  const { out } = await shell(
    `turnpike call sessions --socket '${daemon.socket}' | cat; echo "\${PIPESTATUS[0]}"`,
  );
  const end = out.trimEnd().lastIndexOf('\n');
  assert.is(out.slice(end).trim(), '0');
  assert.ok(end > 65_536, `${end} bytes: more than a pipe holds`);
  const page = JSON.parse(out.slice(0, end)) as { sessions: Table[]; next: string };
  assert.is(page.next, page.sessions.at(-1)!.id);
});

test.run();
