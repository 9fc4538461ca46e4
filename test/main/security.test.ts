// The lines of the README's security section that no other test holds, against the real daemon.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';

import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { textsIn } from '../rig/journal-text.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
let daemon: DaemonProcess;

test.before(async () => {
  await portal.start();
  daemon = await startProcess(shop(join(dir, 'nds.sock'), ["poll_min '100ms'", "poll_max '200ms'"]));
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

const payment = { method: 'cash', reference: 'r' };
const codeOf = (reply: Table) => (reply.error as Table | undefined)?.code ?? 'ok';
const gateway = async () => ((await daemon.call('status')).gateways as Table[])[0]!;

test('the journal and what lies beside it are for their owner alone', async () => {
  const state = join(daemon.dir, 'state');
  assert.is(statSync(state).mode & 0o777, 0o700);
  const files = readdirSync(state, { withFileTypes: true }).filter((f) => f.isFile());
  assert.ok(files.length >= 2);
  for (const { name } of files) assert.is(statSync(join(state, name)).mode & 0o777, 0o600, name);
});

test('a voucher’s code is in no file, no log and no later reply but to who prints it again', async () => {
  const order = { plan: 'data', count: 20, reprint: true, idempotency_key: 'v1' };
  const made = await daemon.call('voucher_create', order);
  const codes = made.codes as string[];
  assert.equal((await daemon.call('voucher_codes', { batch: made.batch })).codes, codes);
  portal.join(mac(1), '10.0.0.1');
  const sold = await daemon.call('voucher_redeem', { code: codes[0], mac: mac(1), gateway: 'lan' });
  assert.is(codeOf(sold), 'ok');
  await daemon.call('voucher_redeem', { code: 'WRNGC-WRNGC', mac: mac(1) });
  const state = join(daemon.dir, 'state');
  const files = [...textsIn(state).values()];
  assert.ok(
    files.some((text) => text.includes(`"id":"${made.batch}"`)),
    'what is read is what they say',
  );
  const replies = await Promise.all([
    daemon.call('vouchers'),
    daemon.call('sessions'),
    daemon.call('status'),
    daemon.call('voucher_void', { id: `${made.batch}-20` }),
  ]);
  const everything = [...files, daemon.log(), JSON.stringify(daemon.heard), JSON.stringify(replies)].join(
    '\n',
  );
  for (const code of [...codes, 'WRNGC-WRNGC']) {
    assert.not.ok(everything.includes(code) || everything.includes(code.replace('-', '')), code);
  }
});

test('what a portal says of a client reaches no command unchecked', async () => {
  const evil = ['$(reboot)', '`reboot`', "'; reboot #", '1.2.3.4; flush ruleset', '10.0.0.9\nauth x'];
  for (const [n, ip] of evil.entries()) portal.join(mac(20 + n), ip);
  // They are odd entries of a reply that is otherwise whole: counted as such, and passed on to nobody.
  portal.join(mac(30), '10.0.0.30');
  const sold = await daemon.call('purchase', { mac: mac(30), plan: 'data', payment, idempotency_key: 'e1' });
  assert.is(sold.state, 'active');
  const bought = await daemon.call('purchase', {
    mac: mac(20),
    plan: 'data',
    payment,
    idempotency_key: 'e2',
  });
  assert.is.not(bought.state, 'active', 'nobody is let in under an address that is none');
  for (const [n] of evil.entries()) portal.leave(mac(20 + n));
  await daemon.call('close', { mac: mac(20) });
});

test('a message that is too large ends its connection, and turnpike goes on', async () => {
  const huge = { mac: mac(1), plan: 'x'.repeat(3_000_000), payment, idempotency_key: 'h' };
  let failed = false;
  await daemon.call('purchase', huge).catch(() => {
    failed = true;
  });
  assert.ok(failed);
  assert.is(codeOf(await daemon.call('purchase', { ...huge, plan: 'x'.repeat(500_000) })), 'bad_argument');
  assert.is((await gateway()).state, 'up');
});

test('a flood of calls holds bounded memory, and neither polls nor caps wait for it', async () => {
  portal.join(mac(2), '10.0.0.2');
  const sold = await daemon.call('purchase', { mac: mac(2), plan: 'data', payment, idempotency_key: 'f0' });
  assert.is(sold.state, 'active');
  const before = await gateway();
  const rss = daemon.rss();
  const answers = new Map<unknown, number>();
  let n = 0;
  let moved = false;
  const caller = async () => {
    while (n < 20_000) {
      n += 1;
      const who = `02:66:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
      const order = { mac: who as Mac, plan: 'data', payment, idempotency_key: `f${n}`, gateway: 'lan' };
      const code = codeOf(await daemon.call(n % 3 === 0 ? 'purchase' : 'status', n % 3 === 0 ? order : {}));
      answers.set(code, (answers.get(code) ?? 0) + 1);
      if (!moved && n >= 10_000) moved = portal.carry(mac(2), 0, 1_200_000);
    }
  };
  await Promise.all(Array.from({ length: 800 }, caller));
  const closed = await daemon.hear((h) => h.type === 'session.closed' && h.data.id === sold.id);
  assert.is(closed.data.cause, 'data');
  const { ok = 0, busy = 0, ...others } = Object.fromEntries(answers) as Record<string, number>;
  assert.equal(others, {});
  assert.ok(ok > 500 && busy > 0, `${ok} answered, ${busy} refused`);
  const after = await gateway();
  assert.ok(Number(after.polls) > Number(before.polls), 'the portal was looked at meanwhile');
  assert.is(after.failed_polls, before.failed_polls);
  assert.ok(daemon.rss() < rss + 150, `${rss} MiB before, ${daemon.rss()} after`);
});

test.run();
