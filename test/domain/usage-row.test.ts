import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import type { Mac } from '../../src/domain/mac.js';
import { newSession, type Session, step } from '../../src/domain/session.js';
import { type Bytes, bytes, type Millis } from '../../src/domain/units.js';
import { namedRow, usageRow } from '../../src/domain/usage-row.js';

const mac = '02:00:00:00:00:07' as Mac;

function used(): Session {
  const lot = {
    plan: 'data',
    steps: 1,
    metric: 'bytes',
    stepSize: 1000,
    allotment: { bytes: bytes(1000) },
    policy: { devices: 1, pauseAway: false },
    funding: { method: 'cash', reference: '1' },
    at: 1,
    key: 'k1',
  } as const;
  const opened = step(newSession({ id: 's1', mac, gateway: 'lan' }, lot), { type: 'opened', at: 2 });
  const later = step(opened, { type: 'elapsed', millis: 1500 as Millis });
  return ['10.0.0.1', '10.0.0.2'].reduce((session, ip, i) => {
    const baseline = { mac, ip, epoch: 7 + i, up: 10 as Bytes, down: (2 ** 40) as Bytes };
    return step(session, { type: 'traffic', up: 10 as Bytes, down: (2 ** 40) as Bytes, baseline });
  }, later);
}

test('a usage row without names says what the one with names said', () => {
  const session = used();
  const { id, usage, baselines } = session;
  assert.equal(
    namedRow(usageRow(session), () => mac),
    { id, usage, baselines },
  );
  const old = { id, usage, baselines };
  assert.is(
    namedRow(old, () => undefined),
    old,
  );
});

test('the book takes rows of both kinds, and leaves out those of sessions that it does not know', () => {
  const session = used();
  const { id, usage, baselines } = session;
  for (const row of [usageRow(session), { id, usage, baselines }]) {
    const book = new Book();
    book.apply({ t: 'usage', at: 3, rows: [row] });
    assert.is(book.get(id), undefined);
    book.replace({ ...session, usage: { ...usage, up: 0 as Bytes }, baselines: [] });
    book.apply({ t: 'usage', at: 4, rows: [row] });
    assert.equal(book.get(id), session);
  }
});

test.run();
