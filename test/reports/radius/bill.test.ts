// What a server has in its books of a session, on the real client: requests that are sent again until they are answered.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, millis } from '../../../src/domain/units.js';
import { usageRow } from '../../../src/domain/usage-row.js';
import { packetCode } from '../../../src/radius/code.js';
import { integerOf, textOf } from '../../../src/radius/find.js';
import { Accounting } from '../../../src/reports/radius/accounting.js';
import { statusType } from '../../../src/reports/radius/report.js';
import { setup } from '../../radius/client-scene.js';
import { attributesOf, replyTo, type Sent } from '../../radius/network.js';
import { at, changed, openSession, TestOutbox } from '../../radius/sessions.js';

/** A server that writes every packet into its table, as FreeRADIUS does, whether its reply gets through or not. */
function scene(repliesTo: (type: number, nth: number) => boolean) {
  const { clock, network, client } = setup(1);
  const outbox = new TestOutbox();
  const self = { isThere: true };
  const accounting = new Accounting({
    ...{ outbox, client, clock, at, sessions: [] },
    nas: { identifier: 'nas' },
    located: async () => {},
    isThere: async () => self.isThere,
    random: () => 0.5,
    interim: millis(60_000),
    newId: () => 'service',
  });
  accounting.start(false);
  const heard: number[] = [];
  const octets = new Map<string, number>();
  network.handle = (sent: Sent) => {
    if (sent.bytes[0] === packetCode.statusServer) return;
    const list = attributesOf(sent.bytes);
    const type = integerOf(list, 'Acct-Status-Type')!;
    heard.push(type);
    octets.set(textOf(list, 'Acct-Session-Id')!, integerOf(list, 'Acct-Output-Octets') ?? 0);
    const nth = heard.filter((one) => one === type).length;
    if (repliesTo(type, nth)) sent.reply(replyTo(sent.bytes, packetCode.accountingResponse));
  };
  return Object.assign(self, { clock, network, client, outbox, accounting, heard, octets });
}

const session = openSession('s1');
const closed = {
  ...session,
  state: 'terminated' as const,
  cause: 'user' as const,
  closedAt: at + 62_000,
  usage: { ...session.usage, down: bytes(5_700_000) },
};

test('the bill of a session is what its Stop says, though the answer to an update before it was lost', async () => {
  const s = scene((type, nth) => type !== statusType.interim || nth > 1);
  s.outbox.append(changed('opened', session));
  await s.clock.pass(60_500);
  assert.equal(s.heard, [statusType.start, statusType.interim]);
  s.outbox.append(changed('closed', closed, at + 60_500));
  await s.clock.pass(120_000);
  assert.equal(s.heard, [statusType.start, statusType.interim, statusType.interim, statusType.stop]);
  assert.is(s.octets.get('s1'), 5_700_000);
  s.client.close();
});

test('a Stop waits no longer than its update is worth sending, and none is sent while it waits', async () => {
  const s = scene((type) => type !== statusType.interim);
  s.outbox.append(changed('opened', session));
  await s.clock.pass(60_500);
  s.outbox.append({ t: 'usage', at: at + 60_500, rows: [usageRow(closed)] });
  s.outbox.append(changed('closed', closed, at + 60_500));
  await s.clock.pass(31_000);
  assert.is(s.heard.at(-1), statusType.stop);
  await s.clock.pass(300_000);
  assert.is(s.heard.at(-1), statusType.stop);
  assert.is(s.octets.get('s1'), 5_700_000);
  s.client.close();
});

test('a service that is switched off in the middle of an update ends its sessions behind it', async () => {
  const s = scene((type, nth) => type !== statusType.interim || nth > 1);
  s.outbox.append(changed('opened', session));
  await s.clock.pass(60_500);
  const stopped = s.accounting.stop(true);
  await s.clock.pass(6_000);
  await stopped;
  s.client.close();
  assert.equal(s.heard.slice(2), [statusType.interim, statusType.stop, statusType.off]);
});

test('at boot a router without a way tells its start before its sessions, however long it has none', async () => {
  const s = scene(() => true);
  s.network.lost.add('a');
  const rebooted = { t: 'boot', at, boot: 'b', machine: 'm', rebooted: true } as const;
  s.outbox.append(rebooted, changed('opened', session));
  await s.clock.pass(3_600_000);
  s.network.lost.clear();
  await s.clock.pass(200_000);
  assert.equal(s.heard.slice(0, 2), [statusType.on, statusType.start]);
  assert.not(s.heard.slice(1).includes(statusType.on), 'it would end the sessions that have begun since');
  s.client.close();
});

test('a router that nobody answers for a quarter of an hour tells its start first, too', async () => {
  const s = scene(() => true);
  const answer = s.network.handle;
  s.network.handle = () => {};
  s.isThere = false;
  const rebooted = { t: 'boot', at, boot: 'b', machine: 'm', rebooted: true } as const;
  s.outbox.append(rebooted, changed('opened', session));
  await s.clock.pass(900_000);
  s.network.handle = answer;
  await s.clock.pass(200_000);
  assert.equal(s.heard.slice(0, 2), [statusType.on, statusType.start]);
  assert.not(s.heard.slice(1).includes(statusType.on));
  s.client.close();
});

test.run();
