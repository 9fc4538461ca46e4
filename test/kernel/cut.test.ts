// Who is over is shut out by a small call of nft of its own, beside whatever else is under way, and the table is right in the end.
import { setImmediate as tick } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NftError } from '../../src/kernel/nft.js';
import { passing, through } from './passing.js';
import type { Kernel } from './simulated.js';
import { hold, macOf, ready, tableOn } from './wanted.js';

/** Does something once, beside the first call that is such a one, and holds that back until it is done. */
function beside(kernel: Kernel, isIt: (args: string, script: string) => boolean, work: () => Promise<void>) {
  let isDone = false;
  through(kernel, (nft) => async (args, script = '') => {
    if (isDone || !isIt(args.join(' '), script)) return nft(args, script);
    isDone = true;
    await work();
    return nft(args, script);
  });
}

const isWrite = (args: string, script: string) => args === '-f -' && !script.startsWith('list');

test('time that ends while what has changed is written is over before that is', async () => {
  const { kernel, wish, move, lines } = await ready(hold('a'), hold('bb'), hold('ccc'));
  wish.put(hold('ccc', { live: false }));
  let passed = true;
  beside(kernel, isWrite, async () => {
    wish.put(hold('a', { live: false }));
    await next.cut([macOf(1)]);
    passed = move('a', 'down', 1);
  });
  const next = tableOn(kernel, wish, lines);
  await next.cut([]);
  await next.audit();
  assert.not.ok(passed);
  assert.equal(
    ['a', 'bb', 'ccc'].map((id) => move(id, 'down', 1)),
    [false, true, false],
  );
  assert.equal(
    lines.filter((line) => line.startsWith('warn')),
    [],
  );
});

test('time that ends while all counters are read does not wait for them', async () => {
  const { kernel, wish, table, move } = await ready(hold('a'), hold('bb'));
  let passed = true;
  beside(
    kernel,
    (args) => args.includes('counters'),
    async () => {
      wish.put(hold('a', { live: false }));
      await table.cut([macOf(1)]);
      passed = move('a', 'down', 1);
    },
  );
  await table.read();
  assert.not.ok(passed);
  assert.ok(move('bb', 'down', 1));
});

test('with nothing else under way the change itself comes first, and nothing is written twice', async () => {
  const { kernel, wish, table, move } = await ready(hold('a'));
  const written = kernel.scripts.length;
  wish.put(hold('a', { live: false }));
  await table.cut([macOf(1)]);
  await table.sync(['a']);
  assert.is(kernel.scripts.length - written, 1);
  assert.not.ok(move('a', 'down', 1));
});

test('time that ends between two pieces of work does not wait for the second', async () => {
  const { kernel, wish, move } = await ready(hold('a'), hold('bb'));
  let isStarted = false;
  let passed = true;
  beside(
    kernel,
    (args) => isStarted && args.includes('list table'),
    async () => {
      for (let ticks = 0; ticks < 10; ticks++) await tick();
      passed = move('a', 'down', 1);
    },
  );
  const table = tableOn(kernel, wish);
  await table.audit();
  isStarted = true;
  const read = table.read();
  const audit = table.audit();
  await read;
  wish.put(hold('a', { live: false }));
  void table.cut([macOf(1)]);
  await Promise.all([audit, table.sync(['a'])]);
  assert.not.ok(passed);
});

test('time that ends after a fault does not wait until the whole table is compared', async () => {
  const { kernel, wish, table, move } = await ready(hold('a'), hold('bb'));
  kernel.before = () => {
    throw new NftError('timeout', 'nft was not done');
  };
  await table.count('a');
  kernel.before = () => {};
  wish.put(hold('a', { live: false }));
  await table.cut([macOf(1)]);
  assert.equal([move('a', 'down', 1), move('bb', 'down', 1)], [false, true]);
  await table.sync(['a']);
  assert.equal([table.status.state, table.status.mended], ['on', 0]);
});

test('who was shut out and has bought again by then passes again', async () => {
  const { kernel, wish, table, move, lines } = await ready(hold('a'), hold('bb'));
  beside(
    kernel,
    (args) => args.includes('counters'),
    () => table.cut([macOf(1)]),
  );
  await table.read();
  assert.not.ok(move('a', 'down', 1));
  await table.sync(['a']);
  assert.ok(move('a', 'down', 1));
  assert.equal([wish.list.length, lines.filter((line) => line.startsWith('warn'))], [2, []]);
});

test('a device that buys before it is shut out passes in the end', async () => {
  const { kernel, wish } = await ready(hold('a'));
  let shut = () => {};
  const held = new Promise<void>((resolve) => {
    shut = resolve;
  });
  beside(kernel, isWrite, () => held);
  beside(
    kernel,
    (args) => args.includes('counters'),
    async () => {
      wish.put(hold('a', { live: false }));
      void table.cut([macOf(1)]);
    },
  );
  const table = tableOn(kernel, wish);
  await table.audit();
  await table.read();
  wish.put(hold('b'));
  const sold = table.sync(['a', 'b']);
  for (let ticks = 0; ticks < 10; ticks++) await tick();
  shut();
  await sold;
  assert.equal(passing(kernel), [`${macOf(1)} here`]);
});

test('somebody who was shut out while the table is compared is not taken for a change by others', async () => {
  const { kernel, wish, move } = await ready(hold('a'), hold('bb'));
  let isStarted = false;
  beside(
    kernel,
    (args) => isStarted && args.includes('list table'),
    async () => {
      wish.put(hold('a', { live: false }));
      await table.cut([macOf(1)]);
    },
  );
  const table = tableOn(kernel, wish);
  await table.audit();
  isStarted = true;
  await table.audit();
  assert.is(table.status.mended, 0);
  assert.equal([move('a', 'down', 1), move('bb', 'down', 1)], [false, true]);
});

test('a table is read to its end while one after the other is shut out', async () => {
  const { kernel, wish } = await ready(hold('a'), hold('bb'));
  beside(
    kernel,
    (args) => args.includes('list table'),
    // As nft reads: anew when somebody has written meanwhile.
    async () => {
      for (let left = 30, written = -1; left > 0; left--, await tick()) {
        if (kernel.scripts.length !== written) left = 30;
        written = kernel.scripts.length;
      }
    },
  );
  const next = tableOn(kernel, wish);
  await next.cut([]);
  wish.put(hold('a', { live: false }));
  let isDone = false;
  const audit = next.audit().then(() => {
    isDone = true;
  });
  let cuts = 0;
  for (; cuts < 500 && !isDone; cuts++) await next.cut([macOf(1)]);
  await audit;
  assert.ok(cuts < 50, `${cuts} cuts`);
});

test.run();
