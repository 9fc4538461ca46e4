// When the table is made anew, on a table in memory. What others may do to the real one is in the system tests.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NftError } from '../../src/kernel/nft.js';
import { stilled } from '../../src/kernel/rebuild.js';
import { scriptOf } from '../../src/kernel/script.js';
import { hold, macOf, marks, premises, ready, tableOn } from './wanted.js';

const topped = hold('a', { caps: { total: 3000 } });

/** A session that has used 700 bytes of 1000. */
async function used() {
  const all = await ready(hold('a', { pace: { up: 512 } }));
  all.move('a', 'up', 100);
  all.move('a', 'down', 600);
  return all;
}

test('a script that nft refuses: the top-up is in the kernel all the same, with what was counted', async () => {
  const { kernel, wish, table, named } = await used();
  let refusals = 1;
  kernel.before = (_, script) => {
    const isChange = script.startsWith('add quota') && refusals > 0;
    refusals -= Number(isChange);
    if (isChange) throw new NftError('refused', 'Could not process rule: No such file or directory');
  };
  wish.put(topped);
  await table.sync(['a']);
  assert.is(refusals, 0);
  assert.is(table.status.state, 'on', table.status.error);
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 3000, used: 700 });
});

test('a flushed table is noticed at the next look, is back with what was counted, and it is said once', async () => {
  const { kernel, table, lines, named, told } = await used();
  assert.equal(await told(), new Map([['a', { up: 100, down: 600, spent: {} }]]));
  kernel.flush();
  assert.equal(await told(), new Map(), 'nothing has moved');
  assert.is(table.status.mended, 1);
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 1000, used: 700 });
  assert.is(named(kernel.counters, 'cd', 'a'), 600);
  await table.audit();
  assert.is(table.status.mended, 1);
  assert.is(lines.filter((line) => line.includes('somebody')).length, 1);
});

test('what somebody changed is told as mended when it is, and not while turnpike is at it', async () => {
  const { kernel, table } = await used();
  await table.audit();
  kernel.flush();
  const told: number[] = [];
  let isBroken = true;
  kernel.before = (_, script) => {
    told.push(table.status.mended);
    if (isBroken && script.includes('add table')) throw new NftError('timeout', 'no memory');
  };
  await table.audit();
  assert.is(table.status.state, 'failed');
  isBroken = false;
  await table.audit();
  assert.is(told.length > 2 && Math.max(...told), 0);
  assert.is(table.status.mended, 1);
});

test('the word that the table is gone comes late: one that was made meanwhile is looked at first', async () => {
  const { kernel, table, told, move } = await used();
  await told();
  kernel.flush();
  const read = table.read();
  const late = table.audit(true);
  await read;
  move('a', 'down', 50);
  await late;
  assert.equal(await told(), new Map([['a', { up: 100, down: 650, spent: {} }]]));
  assert.is(table.status.mended, 1);
});

test('the table is gone: no time is lost by looking', async () => {
  const { kernel, table, told } = await used();
  await told();
  kernel.flush();
  const calls: string[] = [];
  kernel.before = (args, script) => calls.push(script === '' ? args.join(' ') : 'a script');
  await table.audit(true);
  assert.is(calls[0], 'a script');
  assert.is(await table.count('a').then((count) => count?.down), 600);
});

test('a session whose counter somebody deleted is counted again from what was counted', async () => {
  const { kernel, table, told, move } = await used();
  await told();
  for (const map of ['count_up', 'count_down']) kernel.elements.get(map)!.clear();
  kernel.counters.clear();
  await told();
  move('a', 'down', 50);
  assert.equal((await told()).get('a'), { up: 100, down: 650, spent: {} });
  assert.is(table.status.mended, 1);
});

test('a table that nft cannot list is made anew, with what was counted', async () => {
  const { kernel, table, named, told } = await used();
  const before = kernel.scripts.length;
  kernel.isUnlistable = true;
  await table.audit();
  assert.is(table.status.state, 'on', table.status.error);
  assert.is(kernel.scripts.length, before + 3, 'it stands still, then goes, and says whose it is');
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 1000, used: 700 });
  assert.equal((await told()).get('a'), { up: 100, down: 600, spent: {} });
});

test('somebody has had a hand in the table: until it is made anew every byte that passes is billed', async () => {
  const { kernel, table, move, told } = await used();
  kernel.chains.find(({ name }) => name === 'strangers')!.rules.push({ handle: 9_999, text: 'accept' });
  let passed = 0;
  kernel.before = () => {
    if (move('a', 'down', 10)) passed += 10;
  };
  await table.audit();
  kernel.before = () => {};
  assert.ok(passed > 0, 'the table that is there lets it pass');
  assert.equal((await told()).get('a'), { up: 100, down: 600 + passed, spent: {} });
  assert.ok(move('a', 'down', 299 - passed), 'and nothing stands still when it is done');
  assert.not.ok(move('a', 'down', 1));
});

test('a kernel that refuses once to let the table stand still is asked again: what passes until it goes is billed', async () => {
  const { kernel, table, move, told } = await used();
  kernel.isUnlistable = true;
  let passed = 0;
  let isRefused = false;
  kernel.before = (_, script) => {
    if (move('a', 'down', 10)) passed += 10;
    if (isRefused || !script.includes('chain still')) return;
    isRefused = true;
    throw new NftError('refused', 'Could not process rule: Device or resource busy');
  };
  await table.audit();
  kernel.before = () => {};
  assert.ok(isRefused && passed > 0);
  assert.equal((await told()).get('a'), { up: 100, down: 600 + passed, spent: {} });
});

for (const code of ['refused', 'timeout'] as const) {
  test(`a table that cannot be made anew, for nft says ${code}: who has paid goes on in the one that is there`, async () => {
    const { kernel, wish, table, move, told } = await used();
    kernel.chains.find(({ name }) => name === 'strangers')!.rules.push({ handle: 9_999, text: 'accept' });
    kernel.before = (_, script) => {
      if (script.includes('chain hold')) throw new NftError(code, 'Could not process rule');
    };
    await table.audit();
    assert.is(table.status.state, 'failed');
    assert.ok(move('a', 'down', 50));
    // So does one that finds it at its start.
    await tableOn(kernel, wish).audit();
    assert.ok(move('a', 'down', 40));
    kernel.before = () => {};
    assert.equal((await told()).get('a'), { up: 100, down: 690, spent: {} });
    assert.is(table.status.state, 'on');
    assert.ok(move('a', 'down', 10));
  });
}

test('a daemon is killed while its table stands still: the next start lets it move, with what was counted', async () => {
  const { kernel, wish, move, named } = await used();
  await kernel.nft(['-f', '-'], scriptOf(stilled([premises])));
  assert.not.ok(move('a', 'down', 50));
  const next = tableOn(kernel, wish);
  await next.audit();
  assert.is(next.status.state, 'on', next.status.error);
  assert.ok(move('a', 'down', 50));
  assert.is(named(kernel.counters, 'cd', 'a'), 650);
  assert.not.ok(kernel.elements.has('still_on'));
});

test('the table of an earlier version, with fewer rules, is made anew', async () => {
  const { kernel, wish } = await used();
  kernel.chains.find(({ name }) => name === 'hold')!.rules.splice(1);
  kernel.elements.delete('pace_up');
  const next = tableOn(kernel, wish);
  await next.sync(['a']);
  assert.is(next.status.state, 'on', next.status.error);
  const before = kernel.scripts.length;
  await next.audit();
  assert.is(kernel.scripts.length, before);
});

test('a table that is made anew keeps its chains at the kernel’s hooks: another one there would run beside it', async () => {
  const { kernel, wish, table } = await used();
  const hooked = () =>
    new Map(kernel.chains.flatMap(({ name, handle, type }) => (type ? [[name, handle]] : [])));
  const before = hooked();
  wish.places = [{ ...premises, open: [] }];
  await table.sync([]);
  assert.equal([...hooked()].sort(), [...before].sort());
  assert.is(kernel.chains.filter(({ name }) => name === 'hold').length, 1);
  assert.is(kernel.chains.find(({ name }) => name === 'hold')!.rules.length, 2);
});

test('a reload while the table is made: what is open no longer is shut with the next turn', async () => {
  const { kernel, wish } = await used();
  kernel.flush();
  const next = tableOn(kernel, wish);
  kernel.before = (_, script) => {
    if (script.includes('chain hold')) wish.places = [{ ...premises, open: [] }];
  };
  await next.audit();
  kernel.before = () => {};
  const isOpen = () =>
    kernel.chains
      .find(({ name }) => name === 'strangers')!
      .rules.some(({ text }) => text.includes('dport 53'));
  assert.ok(isOpen(), 'made as it was asked for');
  await next.sync([]);
  assert.not.ok(isOpen());
});

test('an nft that prints limits in another way does not have the table written at each audit', async () => {
  const { kernel, wish } = await used();
  kernel.isTerse = true;
  const next = tableOn(kernel, wish);
  await next.audit();
  const before = kernel.scripts.length;
  for (let i = 0; i < 3; i++) await next.audit();
  assert.is(kernel.scripts.length, before);
  assert.is(next.status.state, 'on');
});

test('what the kernel had counted before somebody set it back stays counted', async () => {
  const { kernel, table, told, move } = await used();
  await table.audit();
  for (const name of kernel.counters.keys()) kernel.counters.set(name, 10);
  for (const quota of kernel.quotas.values()) quota.used = 0;
  assert.equal((await told()).get('a'), { up: 100, down: 600, spent: {} });
  assert.is(table.status.mended, 1);
  move('a', 'up', 5);
  assert.equal((await told()).get('a'), { up: 105, down: 600, spent: {} });
  assert.is(table.status.mended, 1);
});

test('nft that is late is no reason to make the table anew', async () => {
  const { kernel, table, told } = await used();
  const before = kernel.scripts.length;
  kernel.before = () => {
    throw new NftError('timeout', 'nft was not done within 10 s');
  };
  await table.audit();
  assert.is(table.status.state, 'failed');
  kernel.before = () => {};
  assert.equal((await told()).get('a'), { up: 100, down: 600, spent: {} });
  assert.is(kernel.scripts.length, before);
  assert.is(table.status.mended, 0);
});

test('sessions that are over leave nothing behind, also those of an earlier run', async () => {
  const { kernel, wish, table } = await used();
  for (let round = 0; round < 5; round++) {
    const id = `r${round}`;
    wish.list = [hold(id)];
    await tableOn(kernel, wish).audit();
  }
  assert.is(kernel.counters.size, 2);
  // An index that a session of an earlier run had is free again.
  wish.list = [];
  const next = tableOn(kernel, wish);
  await next.audit();
  wish.list = Array.from({ length: 127 }, (_, i) => hold(`s${i}`));
  await next.audit();
  assert.is(kernel.counters.size, 2 * 127);
  assert.is(table.status.error, '');
});

test('a session that went to another device at the very end of a run has another mark in the next one', async () => {
  const { kernel, wish, table, move, named } = await ready(hold('a', { mac: macOf(1) }), hold('bb'));
  const [mark, other] = [1, 2].map((n) => kernel.markOf(macOf(n), marks)!);
  assert.ok(move('a', 'down', 700));
  // Shut for the first device; then the run ends before the table hears of the second one.
  wish.put(hold('a', { mac: macOf(1), live: false }));
  await table.sync(['a']);
  wish.put(hold('a', { mac: macOf(3), used: { up: 0, down: 700 } }));
  const next = tableOn(kernel, wish, [], 17);
  await next.audit();
  assert.not.ok(kernel.carry(mark!, 'down', 10), 'what the first device left open passes no more');
  assert.type(kernel.markOf(macOf(3), marks), 'number');
  assert.is.not(kernel.markOf(macOf(3), marks), mark);
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 1000, used: 700 });
  assert.equal(await next.count('a'), { up: 0, down: 700 });
  assert.is(kernel.markOf(macOf(2), marks), other, 'connections of others go on');
  assert.equal([kernel.counters.size, next.status.mended], [4, 0]);
});

test.run();
