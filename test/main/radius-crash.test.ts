// The daemon killed again and again between its users and their server. The server stands in for FreeRADIUS, which the
// system tests have; what is asked of it here is to write down what it acknowledges.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Table } from '../../packages/ubus/src/value.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { integerOf, textOf } from '../../src/radius/find.js';
import { seeded, whole } from '../campaign/random.js';
import { type DaemonProcess, shop, startProcess } from '../daemon.js';
import { secret } from '../radius/network.js';
import { LoopbackServer } from '../radius/server.js';

const kills = 12;
const people = 8;
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

/** Acts until the daemon is killed in the middle of it: when some were answered, or soon where nobody answers. */
async function untilKilled(): Promise<void> {
  const acts = Array.from({ length: whole(random, 1, 12) }, () => act().catch(() => {}));
  const wait = whole(random, 0, 120);
  const most = whole(random, 0, acts.length);
  let answered = 0;
  await new Promise<void>((resolve) => {
    if (most === 0 || server.silent) setTimeout(resolve, wait);
    for (const one of acts) {
      void one.then(() => {
        answered += 1;
        if (answered >= most) resolve();
      });
    }
  });
  // Nobody answers the calls that are under way: ubusd says nothing either.
  await daemon.end('SIGKILL');
}

test('every session that was opened and ended is with the server, once begun and once ended, to the octet', async () => {
  for (let i = 0; i < kills; i++) {
    server.silent = random() < 0.3;
    await untilKilled();
    await daemon.start();
  }
  server.silent = false;
  const { sessions: open } = (await daemon.call('sessions', { state: 'live' })) as { sessions: Table[] };
  await Promise.all(open.map(({ id }) => daemon.call('close', { id })));
  const { sessions } = (await daemon.call('sessions')) as { sessions: Table[] };
  const reported = sessions.filter((s) => s.opened !== undefined);
  assert.ok(reported.length >= 5, `${reported.length} sessions`);
  const of = (id: unknown, type: number) =>
    server.acknowledged.filter(
      (list) => textOf(list, 'Acct-Session-Id') === id && integerOf(list, 'Acct-Status-Type') === type,
    );
  const isDone = () => reported.every(({ id }) => of(id, 2).length > 0);
  const deadline = performance.now() + 120_000;
  while (!isDone() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const session of reported) {
    const [start, stop] = [of(session.id, 1).at(-1), of(session.id, 2).at(-1)];
    assert.ok(start && stop, `${session.id}: ${JSON.stringify(session)} ${daemon.log()}`);
    assert.ok(server.acknowledged.indexOf(start) < server.acknowledged.indexOf(stop));
    assert.is(integerOf(stop, 'Acct-Input-Octets'), session.up_bytes, String(session.id));
    assert.is(integerOf(stop, 'Acct-Output-Octets'), session.down_bytes, String(session.id));
  }
});

test.run();
