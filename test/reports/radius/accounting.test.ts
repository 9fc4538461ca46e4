import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../../src/domain/mac.js';
import { isAuthorized, type Session, step } from '../../../src/domain/session.js';
import { bytes, millis } from '../../../src/domain/units.js';
import { usageRow } from '../../../src/domain/usage-row.js';
import type { Attribute } from '../../../src/radius/attributes.js';
import type { Outcome, RadiusRequest } from '../../../src/radius/client.js';
import { integerOf, textOf, valuesOf } from '../../../src/radius/find.js';
import { Accounting } from '../../../src/reports/radius/accounting.js';
import { reportAttributes } from '../../../src/reports/radius/report.js';
import { at, changed, openSession, TestOutbox } from '../../radius/sessions.js';
import { settled, TestClock } from '../../rig/clock.js';
import fc from '../../rig/properties.js';

const nas = { identifier: 'nas', address: '192.0.2.1' };
const types: Readonly<Record<number, string>> = { 1: 'start', 2: 'stop', 3: 'interim', 7: 'on', 8: 'off' };

/** A server that answers as long as it is there. */
class TestServer {
  readonly heard: Attribute[][] = [];
  up = true;
  /** Says no to what it does not like. */
  likes = (_attributes: readonly Attribute[]) => true;

  async request({ attributes }: RadiusRequest): Promise<Outcome> {
    const list = typeof attributes === 'function' ? attributes() : attributes;
    await settled();
    if (!this.up || !this.likes(list)) return { ok: false, reason: 'timeout', detail: 'silent' };
    this.heard.push([...list]);
    return { ok: true, code: 5, attributes: [], server: 'test' };
  }

  get said(): string[] {
    return this.heard.map((list) => {
      const type = types[integerOf(list, 'Acct-Status-Type')!];
      return type === 'on' || type === 'off' ? type : `${type} ${textOf(list, 'Acct-Session-Id')}`;
    });
  }
}

interface Bench {
  readonly clock: TestClock;
  readonly outbox: TestOutbox;
  readonly server: TestServer;
  accounting: Accounting;
  begin(sessions?: readonly Session[]): void;
}

function bench(sessions: readonly Session[] = []): Bench {
  const [clock, outbox, server] = [new TestClock(), new TestOutbox(), new TestServer()];
  let ids = 0;
  const self: Bench = {
    clock,
    outbox,
    server,
    accounting: undefined as unknown as Accounting,
    begin(open = []) {
      self.accounting = new Accounting({
        outbox,
        client: server,
        nas,
        located: async () => {},
        isThere: async () => server.up,
        clock,
        random: () => 0.5,
        interim: millis(120_000),
        newId: () => `service${++ids}`,
        sessions: open,
        at,
      });
      self.accounting.start(false);
    },
  };
  self.begin(sessions);
  return self;
}

/** Time passes, slowly enough for the server to answer meanwhile. */
async function pass(b: Bench, ms: number): Promise<void> {
  for (let left = ms; left >= 0; left -= 2_000) {
    for (let i = 0; i < 4; i++) await settled();
    await b.clock.pass(Math.min(left, 2_000));
  }
  for (let i = 0; i < 4; i++) await settled();
}

function closedAfter(session: Session, cause: 'data' | 'time' | 'user', up: number, down: number): Session {
  const baseline = { mac: session.mac, ip: '10.0.0.1', epoch: 1, up: bytes(up), down: bytes(down) };
  const used = step(session, { type: 'traffic', up: bytes(up), down: bytes(down), baseline });
  const spent = step(used, { type: 'elapsed', millis: millis(61_500) });
  return step(step(spent, { type: 'ended', cause }), { type: 'shut', at: at + 61_500 });
}

test('a Stop has all of the session: octets with gigawords, time, cause, class, address', async () => {
  const b = bench();
  const session = openSession('s1');
  const closed = closedAfter(session, 'data', 5, 2 ** 32 + 7);
  b.outbox.append(changed('opened', session), changed('closed', closed, at + 61_500));
  await pass(b, 1000);
  assert.equal(b.server.said, ['start s1', 'stop s1']);
  const [, stop = []] = b.server.heard;
  assert.is(integerOf(stop, 'Acct-Input-Octets'), 5);
  assert.is(integerOf(stop, 'Acct-Output-Octets'), 7);
  assert.is(integerOf(stop, 'Acct-Output-Gigawords'), 1);
  assert.is(integerOf(stop, 'Acct-Session-Time'), 61);
  assert.is(integerOf(stop, 'Acct-Terminate-Cause'), 5);
  assert.is(textOf(stop, 'Connect-Info'), 'turnpike: data');
  assert.is(textOf(stop, 'Framed-IP-Address'), '10.0.0.1');
  assert.is(integerOf(stop, 'Event-Timestamp'), Math.floor((at + 61_500) / 1000));
  assert.equal(valuesOf(stop, 'Class'), [Buffer.from('a'), Buffer.from([0, 255])]);
  assert.is(b.outbox.backlog, 0);
});

test('a Start has the kind of login and the rates that the server allows, and what the owner says of the access point', async () => {
  const session = openSession('s1');
  const [lot] = session.lots;
  const limited = { ...session, lots: [{ ...lot!, policy: { ...lot!.policy, downRate: 2000 } }] };
  const device = { ...session, user: '020000000001', mac: '02:00:00:00:00:01' as Mac };
  const start = (s: Session, more = {}) =>
    reportAttributes({ ...nas, ...more }, { kind: 'start', session: s, at }, at);
  assert.is(integerOf(start(session), 'Service-Type'), 1);
  assert.is(integerOf(start(device), 'Service-Type'), 10);
  assert.is(textOf(start(session), 'Connect-Info'), 'CONNECT 802.11');
  assert.is(textOf(start(limited), 'Connect-Info'), 'CONNECT 2000000/- 802.11');
  assert.is(textOf(start(session), 'Called-Station-Id'), 'nas:lan');
  const calledStation = '02-00-00-00-00-01:Cafe';
  assert.is(textOf(start(session, { calledStation }), 'Called-Station-Id'), calledStation);
});

test('a federation hears whose hotspot it is, and by which name its bills know the customer', () => {
  const session = openSession('s1');
  const [lot] = session.lots;
  const chargeable = Buffer.from('c-4711').toString('base64');
  const lots = [{ ...lot!, accounting: { ...lot!.accounting!, chargeable } }];
  const told = { kind: 'interim', session: { ...session, lots }, at } as const;
  const said = reportAttributes({ ...nas, operator: 'cafe.example.net' }, told, at);
  assert.is(textOf(said, 'Operator-Name'), '1cafe.example.net');
  assert.equal(valuesOf(said, 'Chargeable-User-Identity'), [Buffer.from('c-4711')]);
  assert.equal(valuesOf(reportAttributes(nas, { ...told, session }, at), 'Operator-Name'), []);
});

test('sessions that no server authorised are not reported', async () => {
  const b = bench();
  const lots = openSession('s1').lots.map(({ accounting: _, ...lot }) => lot);
  const paid = openSession('s1', 1, { lots });
  assert.not(isAuthorized(paid));
  b.outbox.append(changed('opened', paid), changed('closed', closedAfter(paid, 'user', 1, 1)));
  await pass(b, 1000);
  assert.equal(b.server.said, []);
  assert.is(b.outbox.backlog, 0);
});

test('a delay is told as it has become, and a clock that was never set tells none', async () => {
  const b = bench();
  b.server.up = false;
  b.outbox.append(changed('opened', openSession('s1'), b.clock.wall()));
  b.outbox.append(changed('opened', openSession('s2', 2), 60_000));
  await pass(b, 10_000);
  b.server.up = true;
  await pass(b, 120_000);
  const delays = new Map(
    b.server.heard.map((l) => [textOf(l, 'Acct-Session-Id'), integerOf(l, 'Acct-Delay-Time')]),
  );
  assert.ok(delays.get('s1')! >= 10, `${delays.get('s1')}`);
  assert.is(delays.get('s2'), 0);
});

test('an interim is due after its interval, tells what the journal has, and waits for nothing that weighs more', async () => {
  const b = bench();
  const session = openSession('s1');
  b.outbox.append(changed('opened', session));
  await pass(b, 60_000);
  const used = { ...session, usage: { ...session.usage, up: bytes(11), down: bytes(22) } };
  b.outbox.append({ t: 'usage', at: at + 60_000, rows: [usageRow(used)] });
  await pass(b, 61_000);
  assert.equal(b.server.said, ['start s1', 'interim s1']);
  assert.is(integerOf(b.server.heard[1]!, 'Acct-Output-Octets'), 22);
  b.server.up = false;
  b.outbox.append(changed('opened', openSession('s2', 2)));
  await pass(b, 600_000);
  b.server.up = true;
  await pass(b, 60_000);
  const after = b.server.said.slice(2);
  assert.is(after[0], 'start s2', 'interims that nobody took are not made up for');
  assert.ok(after.filter((s) => s === 'interim s1').length <= 1);
});

test('a server that wants to hear more often than once a day hears so at once', async () => {
  const b = bench();
  const daily = openSession('s1');
  const every = (interim: number): Session => {
    const lots = daily.lots.map((lot) => ({
      ...lot,
      accounting: { ...lot.accounting!, interim: millis(interim) },
    }));
    return { ...daily, lots };
  };
  b.outbox.append(changed('opened', every(86_400_000)));
  await pass(b, 600_000);
  assert.equal(b.server.said, ['start s1']);
  b.outbox.append(changed('reauthorized', every(60_000), at + 600_000));
  await pass(b, 62_000);
  assert.equal(b.server.said, ['start s1', 'interim s1']);
});

test('after a restart open sessions are reported on, and usage that the journal had before is not taken back', async () => {
  const session = openSession('s1');
  const used = { ...session, usage: { ...session.usage, up: bytes(100) } };
  const b = bench();
  b.server.up = false;
  b.outbox.append(changed('opened', session, at - 1000));
  await pass(b, 0);
  await b.accounting.stop(false);
  b.server.up = true;
  b.begin([used]);
  await pass(b, 130_000);
  assert.equal(b.server.said.slice(0, 2), ['start s1', 'interim s1']);
  assert.is(integerOf(b.server.heard[1]!, 'Acct-Input-Octets'), 100);
});

test('a reboot is told before what follows it, unless the server does not know that word', async () => {
  const b = bench();
  b.server.up = false;
  b.outbox.append(
    { t: 'boot', at, boot: 'b', machine: 'm', rebooted: true },
    changed('opened', openSession('s1')),
  );
  await pass(b, 3_000);
  b.server.up = true;
  await pass(b, 10_000);
  assert.equal(b.server.said, ['on', 'start s1']);
  b.server.likes = (list) => integerOf(list, 'Acct-Status-Type') !== 7;
  b.outbox.append(
    { t: 'boot', at, boot: 'c', machine: 'n', rebooted: true },
    changed('opened', openSession('s2', 2)),
  );
  await pass(b, 30_000);
  assert.equal(b.server.said.slice(2), ['start s2']);
});

test('one report that a server never takes holds up nobody else', async () => {
  const b = bench();
  b.server.likes = (list) => textOf(list, 'Acct-Session-Id') !== 's1';
  b.outbox.append(changed('opened', openSession('s1')));
  await pass(b, 30_000);
  for (let n = 2; n < 20; n++) b.outbox.append(changed('opened', openSession(`s${n}`, n)));
  await pass(b, 200_000);
  const starts = b.server.said.filter((s) => s.startsWith('start'));
  assert.is(starts.length, 18);
  assert.ok(b.outbox.backlog > 0, 'and it is kept');
});

test('a disk that cannot be read is said, and asked again', async () => {
  const b = bench();
  b.outbox.broken = true;
  b.outbox.append(changed('opened', openSession('s1')));
  await pass(b, 1_000);
  assert.match(b.accounting.status.error, /cannot be read: i\/o error/);
  b.outbox.broken = false;
  await pass(b, 11_000);
  assert.equal(b.server.said, ['start s1']);
  assert.is(b.accounting.status.state, 'up');
});

test('switched off for good, the server hears the end of each session and of the service', async () => {
  const b = bench();
  b.outbox.append(changed('opened', openSession('s1')), changed('opened', openSession('s2', 2)));
  await pass(b, 1000);
  const stopped = b.accounting.stop(true);
  await pass(b, 6_000);
  await stopped;
  assert.equal(b.server.said.slice(2), ['stop s1', 'stop s2', 'off']);
  assert.is(b.clock.pending, 0);
});

test('whatever fails and restarts, every Start and Stop arrives, in order, and never again once acknowledged', async () => {
  const event = fc.oneof(
    { weight: 5, arbitrary: fc.constant('session' as const) },
    { weight: 3, arbitrary: fc.constant('close' as const) },
    { weight: 1, arbitrary: fc.constant('down' as const) },
    { weight: 2, arbitrary: fc.constant('up' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 2, arbitrary: fc.constant('wait' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const b = bench();
      const open: Session[] = [];
      const acknowledged = new Map<number, number>();
      let n = 0;
      for (const what of events) {
        if (what === 'session') {
          n += 1;
          const session = openSession(`s${n}`, n % 200);
          open.push(session);
          b.outbox.append(changed('opened', session));
        }
        const closing = what === 'close' ? open.shift() : undefined;
        if (closing) b.outbox.append(changed('closed', closedAfter(closing, 'user', n, n)));
        if (what === 'down' || what === 'up') b.server.up = what === 'up';
        if (what === 'wait') await pass(b, 40_000);
        if (what === 'restart') {
          await b.accounting.stop(false);
          acknowledged.set(b.outbox.cursor, b.server.heard.length);
          b.begin(open);
        }
        await settled();
      }
      b.server.up = true;
      await pass(b, 300_000);
      assert.is(b.outbox.backlog, 0);
      const said = b.server.said.filter((s) => !s.startsWith('interim'));
      for (let id = 1; id <= n; id++) {
        const mine = said.filter((s) => s.endsWith(` s${id}`)).map((s) => s.split(' ')[0]);
        const closed = !open.some((s) => s.id === `s${id}`);
        assert.is(
          mine.lastIndexOf('start') < (closed ? mine.indexOf('stop') : mine.length),
          true,
          mine.join(),
        );
        assert.is(mine.includes('start') && mine.includes('stop') === closed, true, mine.join());
      }
      for (const [cursor, from] of acknowledged) {
        const before = new Set(b.outbox.records.slice(0, cursor).map(({ data }) => nameOf(data)));
        const again = b.server.said.slice(from).filter((s) => before.has(s));
        assert.equal(again, [], 'told again after it was acknowledged');
      }
    }),
    { numRuns: 60 },
  );
});

function nameOf(data: unknown): string {
  const { what, session } = data as { what: string; session: { id: string } };
  return `${what === 'opened' ? 'start' : 'stop'} ${session.id}`;
}

test.run();
