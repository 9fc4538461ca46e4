// The daemon killed again and again between its users and their server. The server stands in for FreeRADIUS, which the
// system tests have; what is asked of it here is to write down what it acknowledges.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';

import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { integerOf, textOf } from '../../src/radius/find.js';
import { secret } from '../radius/network.js';
import { LoopbackServer } from '../radius/server.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { seeded, whole } from '../rig/random.js';
import { inTime, until } from '../rig/until.js';

const kills = 12;
const people = 8;
/** Sessions that make the comparison worth something. */
const fewest = 8;
const random = seeded(20_261_121);
const dir = mkdtempSync(join(tmpdir(), 'turnpike-radius-crash-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'), random);
let server: LoopbackServer;
let daemon: DaemonProcess;

test.before(async () => {
  server = await LoopbackServer.start();
  await portal.start();
  daemon = await startProcess(
    `${shop(join(dir, 'nds.sock'), ["poll_max '300ms'"])}config radius 'radius'
	option enabled '1'
	option server '127.0.0.1:${server.port}'
	option acct_server '127.0.0.1:${server.port}'
	option timeout '200ms'
`,
    { secrets: `config secret 'radius'\n\toption secret '${secret}'\n`, flushInterval: '1s' },
  );
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  await server?.close();
  rmSync(dir, { recursive: true });
});

const macOf = (n: number) => `02:52:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;
let keys = 0;

/** What one of them does next; a call that the daemon's end cuts off has no answer. */
async function act(): Promise<void> {
  const n = whole(random, 0, people - 1);
  portal.join(macOf(n), `10.52.0.${n + 1}`);
  portal.carry(macOf(n), whole(random, 1, 50) * 1024, whole(random, 1, 500) * 1024);
  if (random() < 0.3) await daemon.call('close', { mac: macOf(n), reason: 'user' });
  else if (!portal.isOpen(macOf(n))) {
    keys += 1;
    const payment = { method: 'radius', user: `user${n}`, password: 'x' };
    await daemon.call('purchase', { mac: macOf(n), gateway: 'lan', payment, idempotency_key: `k${keys}` });
  }
}

/**
 * Acts until the daemon is killed in the middle of it: at a random one of the requests to the server and the answers to
 * customers, so that it has come as far on a machine that is slow.
 */
async function untilKilled(): Promise<void> {
  const size = whole(random, 1, 12);
  let left = whole(random, 0, 3 * size);
  const reached = new Promise<void>((resolve) => {
    server.heard = () => {
      if (left-- === 0) resolve();
    };
  });
  const acts = Array.from({ length: size }, () => act().then(server.heard, () => {}));
  await inTime('the moment of the kill', Promise.race([Promise.all(acts), reached]));
  // Nobody answers the calls that are under way: ubusd says nothing either.
  await daemon.end('SIGKILL');
}

/** Sessions whose gate has been open. */
async function opened(): Promise<Table[]> {
  const { sessions } = (await daemon.call('sessions')) as { sessions: Table[] };
  return sessions.filter((session) => session.opened !== undefined);
}

test('every session that was opened and ended is with the server, once begun and once ended, to the octet', async () => {
  for (let killed = 0; killed < kills || (await opened()).length < fewest; killed++) {
    assert.ok(killed < 10 * kills, `${(await opened()).length} sessions after ${killed} kills`);
    server.silent = random() < 0.3;
    await untilKilled();
    await daemon.start();
  }
  server.silent = false;
  const { sessions: open } = (await daemon.call('sessions', { state: 'live' })) as { sessions: Table[] };
  await Promise.all(open.map(({ id }) => daemon.call('close', { id })));
  const reported = await opened();
  const of = (id: unknown, type: number) =>
    server.acknowledged.filter(
      (list) => textOf(list, 'Acct-Session-Id') === id && integerOf(list, 'Acct-Status-Type') === type,
    );
  await until('the end of each session', () => reported.every(({ id }) => of(id, 2).length > 0));
  for (const session of reported) {
    const [start, stop] = [of(session.id, 1).at(-1), of(session.id, 2).at(-1)];
    assert.ok(start && stop, `${session.id}: ${JSON.stringify(session)} ${daemon.log()}`);
    assert.ok(server.acknowledged.indexOf(start) < server.acknowledged.indexOf(stop));
    assert.is(integerOf(stop, 'Acct-Input-Octets'), session.up_bytes, String(session.id));
    assert.is(integerOf(stop, 'Acct-Output-Octets'), session.down_bytes, String(session.id));
  }
});

test.run();
