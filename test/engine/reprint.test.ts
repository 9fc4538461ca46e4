// Codes that are printed again: by whoever may sell, until the first of the batch is used, and where they are kept.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../src/domain/record.js';
import type { NewBatch, VoucherOrder } from '../../src/engine/voucher-batches.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

async function ready(reprint = true): Promise<World> {
  const w = await world([new TestPortal('lan')], { reprint });
  for (const n of [1, 2]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  return w;
}

async function make(w: World, over: Partial<VoucherOrder> = {}): Promise<NewBatch> {
  const order = { plan: 'data', count: 3, reuse: true, reprint: true, key: 'v1', ...over } as const;
  const made = await w.desk.create(order);
  assert.ok(made.ok);
  return made.value;
}

async function redeem(w: World, code: string): Promise<void> {
  const taking = w.desk.redeem(code, { mac: mac(1) });
  await w.clock.pass(1);
  assert.ok((await taking).ok);
}

/** The codes of a batch, or why there are none. */
async function codesOf(w: World, batch: string): Promise<readonly string[] | string> {
  const again = await w.desk.codes(batch);
  assert.is(w.desk.keeps(batch), again.ok, 'the list says the same');
  return again.ok ? again.value.codes : again.code;
}

const sealedIn = (w: World) => JSON.stringify(w.engine.accounts.book.toPlain(0)).includes('"sealed"');

test('an order that is sent again after a restart has the answer that it had, while its codes are kept', async () => {
  const w = await ready();
  const { batch, codes } = await make(w, { count: 20 });
  await make(w, { key: 'v2', reprint: false } as never);
  await w.crash();
  assert.equal(await make(w, { count: 20 }), { batch, codes });
  const other = await w.desk.create({ plan: 'data', count: 21, reuse: true, reprint: true, key: 'v1' });
  assert.is(other.ok || other.code, 'key_conflict', 'the key alone tells nobody');
  await redeem(w, codes[0]!);
  const used = await w.desk.create({ plan: 'data', count: 20, reuse: true, reprint: true, key: 'v1' });
  assert.is(used.ok || used.code, 'forgotten', 'as with voucher_codes, the first use ends it');
});

for (const digits of [false, true]) {
  const kind = digits ? 'digits' : 'letters';
  test(`codes of ${kind} are given again in their order, also after a restart`, async () => {
    const w = await ready();
    const { batch, codes } = await make(w, { count: 20, ...(digits && { digits }) });
    assert.equal(await codesOf(w, batch.id), codes);
    await w.crash();
    assert.equal(await codesOf(w, batch.id), codes);
    // From a snapshot, too.
    await w.crash();
    assert.equal(await codesOf(w, batch.id), codes);
  });
}

test('they are in no record, no snapshot, no log and no notice', async () => {
  const w = await ready();
  const { batch, codes } = await make(w);
  await codesOf(w, batch.id);
  const { book } = w.engine.accounts;
  // The test's hash has the code in it.
  const all = JSON.stringify([w.journal.records, book.toPlain(0), w.log, w.notices]);
  const rest = all.replaceAll(/hash of \w+/g, '');
  for (const code of codes) assert.not.ok(rest.includes(code) || rest.includes(code.replace('-', '')), code);
});

test('the first use ends it for all of the batch, also after a restart', async () => {
  const w = await ready();
  const { batch, codes } = await make(w);
  await redeem(w, codes[1]!);
  assert.is(await codesOf(w, batch.id), 'codes_not_kept');
  assert.not.ok(sealedIn(w), 'they are forgotten');
  await w.crash();
  assert.is(await codesOf(w, batch.id), 'codes_not_kept');
  assert.not.ok(sealedIn(w));
});

test('a batch of which one is made void is not printed again; another one is', async () => {
  const w = await ready();
  const { batch } = await make(w);
  const other = await make(w, { key: 'v2' });
  assert.ok((await w.desk.cancel(batch.id, 2)).ok);
  assert.is(await codesOf(w, batch.id), 'codes_not_kept');
  assert.equal(await codesOf(w, other.batch.id), other.codes);
});

test('when their time is over, nobody needs them', async () => {
  const w = await ready();
  const { batch, codes } = await make(w, { validUntil: w.clock.wall() + 5000 });
  assert.equal(await codesOf(w, batch.id), codes);
  await w.clock.pass(5000);
  assert.is(await codesOf(w, batch.id), 'codes_not_kept');
});

test('what nobody asked to keep is kept no more than before', async () => {
  const w = await ready();
  const made = await w.desk.create({ plan: 'data', count: 1, reuse: true, key: 'v1' });
  assert.ok(made.ok);
  assert.is(await codesOf(w, made.value.batch.id), 'codes_not_kept');
  assert.not.ok(sealedIn(w));
  assert.is(await codesOf(w, 'nosuch'), 'unknown_voucher');
});

test('an owner who does not want it: nothing is kept, and what was kept is not told', async () => {
  const off = await ready(false);
  const { batch } = await make(off);
  assert.is(await codesOf(off, batch.id), 'codes_not_kept');
  assert.not.ok(sealedIn(off));
  const w = await ready();
  const before = await make(w);
  w.engine.configure({ ...w.engine.settings, reprint: false });
  assert.is(await codesOf(w, before.batch.id), 'codes_not_kept');
  w.engine.accounts.book.vouchers.forgetCodes();
  assert.not.ok(sealedIn(w));
  await redeem(w, before.codes[0]!);
});

test('a journal from before this is gone on with: its batches are as they were', async () => {
  const w = await ready();
  const { batch, codes } = await make(w);
  // Records and a snapshot as they were written then.
  const older = (record: JournalRecord) => {
    const { sealed: _, ...rest } = record as JournalRecord & { sealed?: string };
    return rest as JournalRecord;
  };
  w.journal.records.splice(0, w.journal.records.length, ...w.journal.records.map(older));
  await w.crash();
  assert.is(await codesOf(w, batch.id), 'codes_not_kept');
  await redeem(w, codes[0]!);
});

const order = { plan: 'data', count: 1, reuse: true, reprint: true, key: 'v1' } as const;

test('a batch that the disk refuses is not printed', async () => {
  const w = await ready();
  w.journal.failSync = true;
  assert.not.ok((await w.desk.create(order)).ok);
  assert.equal([...w.engine.accounts.book.vouchers.all()], []);
});

test('codes that may not be on the disk yet are not printed', async () => {
  const w = await ready();
  const waiting: (() => void)[] = [];
  w.journal.sync = () => new Promise((resolve) => waiting.push(resolve));
  const making = w.desk.create(order);
  await w.clock.pass(1);
  const [voucher] = w.engine.accounts.book.vouchers.all();
  assert.is(await codesOf(w, voucher!.batch.id), 'codes_not_kept');
  for (const go of waiting) go();
  const made = await making;
  assert.ok(made.ok);
  assert.equal(await codesOf(w, voucher!.batch.id), made.value.codes);
});

test.run();
