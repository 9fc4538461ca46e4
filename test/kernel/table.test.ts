// Gate, caps and counters against a table in memory that understands the scripts we write. The real nft is in the
// system tests.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { nftAt } from '../../src/kernel/nft.js';
import { newPiece } from '../../src/kernel/piece.js';
import { empty, rateIn, rulesetOf } from '../../src/kernel/ruleset.js';
import { changes, scriptOf } from '../../src/kernel/script.js';
import { KernelTable } from '../../src/kernel/table.js';
import fc from '../rig/properties.js';
import { Kernel } from './simulated.js';
import { hold, macOf, marks, ready, tableOn, Wish } from './wanted.js';

const anyHold: fc.Arbitrary<Hold> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  mac: fc.constantFrom(macOf(1), macOf(2), macOf(3)),
  live: fc.boolean(),
  caps: fc.record({ total: fc.nat(5000), up: fc.nat(5000), down: fc.nat(5000) }, { requiredKeys: [] }),
  used: fc.record({ up: fc.nat(5000), down: fc.nat(5000) }),
  pace: fc.record({ up: fc.integer({ min: -1, max: 4 }), down: fc.nat(4) }, { requiredKeys: [] }),
});
/** Of a device's sessions one is live at the most. */
const anyHolds = fc
  .uniqueArray(anyHold, { selector: ({ id }) => id, maxLength: 4 })
  .map((holds) => holds.map((one, at) => ({ ...one, live: one.live && isFirst(holds, at) })));

function isFirst(holds: readonly Hold[], at: number): boolean {
  return !holds.slice(0, at).some(({ mac, live }) => live && mac === holds[at]!.mac);
}

/** The kernel has just what is wanted: each device the mark of its live session, each session its caps. */
function isAsWanted(kernel: Kernel, wanted: readonly Hold[]): void {
  for (const mac of [macOf(1), macOf(2), macOf(3)]) {
    const session = wanted.find((one) => one.live && one.mac === mac);
    const mark = kernel.markOf(mac, marks);
    assert.is(mark === undefined, session === undefined, `${mac} passes with a session only`);
    const counter = kernel.elements.get('count_up')!.get(String(mark));
    if (session) assert.is(counter?.split('_')[1], session.id);
    const own = [...kernel.elements.get('own')!.keys()].filter((key) => key.endsWith(mac));
    assert.equal(own, session ? [`${mark} . ${mac}`] : [], 'nobody else sends on its connections');
    assert.is(
      kernel.elements.get('known')!.has(mac),
      wanted.some((one) => one.mac === mac),
    );
  }
  assert.is(kernel.counters.size, 2 * wanted.length);
  assert.is(kernel.quotas.size, wanted.flatMap(({ caps }) => Object.keys(caps)).length);
  for (const [name, rate] of kernel.limits) assert.is(rate, rateIn(name));
  assert.equal([...kernel.elements.get('sale')!.keys()], ['br-lan']);
  assert.equal([...kernel.elements.get('trusted')!.keys()], [macOf(99)]);
}

test('whatever is wanted in turn, also after a flush: the kernel ends with just that', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyHolds, fc.constantFrom('sync', 'flush', 'restart')), { maxLength: 12 }),
      async (turns) => {
        const kernel = new Kernel();
        const wish = new Wish();
        let table = tableOn(kernel, wish);
        for (const [holds, how] of turns) {
          const ids = [...wish.list, ...holds].map(({ id }) => id);
          wish.list = holds;
          if (how === 'restart') table = tableOn(kernel, wish);
          if (how === 'flush') kernel.flush();
          if (how === 'sync') await table.sync(ids);
          else await table.audit();
          assert.is(table.status.state, 'on', table.status.error);
          isAsWanted(kernel, wish.list);
          const written = kernel.scripts.length;
          await table.audit();
          assert.is(kernel.scripts.length, written, 'what is read back is what was wanted');
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a sale writes what that session needs, and nothing of the others', async () => {
  const { kernel, wish, table } = await ready(
    ...Array.from({ length: 40 }, (_, i) => hold('x'.repeat(i + 1))),
  );
  wish.put(hold('new', { mac: macOf(77) }));
  await table.sync(['new']);
  const lines = kernel.scripts.at(-1)!.trimEnd().split('\n');
  assert.is(lines.length, 12, lines.join('\n'));
  assert.ok(
    lines.every((line) => !line.includes('_x')),
    'nothing of the others',
  );
  const written = kernel.scripts.length;
  await Promise.all([table.sync(['new']), table.sync(['x']), table.audit()]);
  assert.is(kernel.scripts.length, written, 'the same again writes nothing');
});

test('a top-up moves the cap and keeps what was counted', async () => {
  const { kernel, wish, table, move, named } = await ready(hold('a'));
  assert.ok(move('a', 'down', 700));
  wish.put(hold('a', { caps: { total: 3000 } }));
  await table.sync(['a']);
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 3000, used: 700 });
  assert.is(table.status.mended, 0);
});

test('a session on another device has another mark, so that what the first one left open passes no more', async () => {
  const { kernel, wish, table, move, named } = await ready(hold('a', { mac: macOf(1) }));
  const mark = kernel.markOf(macOf(1), marks);
  assert.ok(move('a', 'down', 700));
  await table.read();
  wish.put(hold('a', { mac: macOf(2), used: { up: 0, down: 700 } }));
  await table.sync(['a']);
  assert.is(kernel.markOf(macOf(1), marks), undefined);
  assert.is.not(kernel.markOf(macOf(2), marks), mark);
  assert.not(kernel.elements.get('live')!.has(String(mark)));
  assert.equal(named(kernel.quotas, 't', 'a'), { bytes: 1000, used: 700 });
  assert.equal(await table.count('a'), { up: 0, down: 700 });
  assert.is(table.status.mended, 0);
});

test('another rate is another limit, in one script that touches nothing else', async () => {
  const { kernel, wish, table } = await ready(hold('a', { pace: { up: 512, down: 2000 } }), hold('bb'));
  const mark = marks.of(1);
  assert.equal(
    kernel.limits,
    new Map([
      ['ru1_a_512', 64_000],
      ['rd1_a_2000', 250_000],
    ]),
  );
  wish.put(hold('a', { pace: { up: 512, down: 4000 } }));
  await table.sync(['a']);
  assert.equal(kernel.scripts.at(-1)!.split('\n'), [
    'add limit inet turnpike rd1_a_4000 { rate over 500000 bytes/second burst 15000 bytes; }',
    `delete element inet turnpike pace_down { ${mark} }`,
    `add element inet turnpike pace_down { ${mark} : "rd1_a_4000" }`,
    'delete limit inet turnpike rd1_a_2000',
    '',
  ]);
  wish.put(hold('a'));
  await table.audit();
  assert.equal(kernel.limits, new Map());
  assert.is(table.status.mended, 0);
});

test('a rate that is none is no limit, and none is more than the kernel takes', () => {
  const limitsOf = (pace: Hold['pace']) => {
    const one = hold('a', { pace });
    return rulesetOf([newPiece(1, one, one.used)], marks).limits;
  };
  for (const up of [0, 0.9, -1, Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.equal(limitsOf({ up }), new Set(), String(up));
  }
  assert.equal(limitsOf({ up: 1.9 }), new Set(['ru1_a_1']));
  for (const down of [1e21, Number.POSITIVE_INFINITY]) {
    assert.equal(limitsOf({ down }), new Set(['rd1_a_100000000']));
  }
});

test('a device that buys again keeps nothing of its last session: the old mark is nobody’s', async () => {
  const { kernel, wish, table, move } = await ready(hold('a'));
  const old = kernel.markOf(macOf(1), marks)!;
  move('a', 'down', 500);
  wish.list = [hold('b')];
  await table.sync(['a', 'b']);
  assert.not.equal(kernel.markOf(macOf(1), marks), old);
  assert.not.ok(kernel.carry(old, 'down', 100), 'a connection of the session that is over');
  assert.equal([...kernel.counters.values()], [0, 0]);
});

test('a new start keeps what the kernel counted while nobody was here, tells it, and clears what is over', async () => {
  const { kernel, wish, move } = await ready(hold('a'), hold('bb'));
  move('a', 'down', 900);
  const mark = kernel.markOf(macOf(1), marks);
  wish.list = [hold('a')];
  const next = tableOn(kernel, wish, [], 17);
  await next.audit();
  assert.is(kernel.markOf(macOf(1), marks), mark, 'connections go on');
  assert.equal(
    await next.read(),
    [{ id: 'a', up: 0, down: 900, spent: { total: 1000 } }].map((c) => ({ ...c, spent: {} })),
  );
  assert.is(kernel.counters.size, 2);
  assert.not.ok(move('a', 'down', 101), 'the cap has not moved');
});

test('what passes while a new start makes the table is billed, and the cap holds to the byte', async () => {
  const { kernel, wish, move } = await ready(hold('a'));
  // As another version has made it: this one does not take it over.
  kernel.elements.delete([...kernel.elements.keys()].find((name) => name.startsWith('made_'))!);
  kernel.before = (_, script) => {
    if (!script.includes('chain hold')) return;
    kernel.before = () => {};
    assert.ok(move('a', 'down', 600), 'the table of the last run still lets it pass');
  };
  const next = tableOn(kernel, wish, [], 17);
  await next.audit();
  assert.equal(await next.read(), [{ id: 'a', up: 0, down: 600, spent: {} }]);
  assert.ok(move('a', 'down', 399));
  assert.not.ok(move('a', 'down', 1), 'the cap counts what passed');
});

test('a table whose counter says less than what is billed begins anew from the bill', async () => {
  const { kernel, wish, move } = await ready(hold('a'));
  move('a', 'down', 100);
  wish.list = [hold('a', { used: { up: 0, down: 700 } })];
  const next = tableOn(kernel, wish, [], 17);
  await next.audit();
  assert.equal(await next.count('a'), { up: 0, down: 700 });
  assert.ok(move('a', 'down', 299));
  assert.not.ok(move('a', 'down', 1));
});

test('every index is taken: it is said once, and the next sale has a place when one is free', async () => {
  const all = Array.from({ length: marks.most + 1 }, (_, i) => hold(`s${i}`, { mac: macOf(i) }));
  const { kernel, wish, table, lines } = await ready(...all);
  const isIn = (i: number) => kernel.markOf(macOf(i), marks) !== undefined;
  assert.is(isIn(marks.most), false);
  await table.sync(['s3', 's4']);
  wish.list = all.filter(({ id }) => id !== 's5');
  await table.sync(['s5']);
  await table.sync([`s${marks.most}`]);
  assert.ok(isIn(marks.most) && !isIn(5));
  assert.is(lines.filter((line) => line.includes('no mark')).length, 1);
});

test('a flowtable is told of; no nft at all is told of once, and nobody waits for it', async () => {
  const { kernel, table } = await ready(hold('a'));
  kernel.flowtable = true;
  await table.audit();
  assert.is(table.status.state, 'bypassed');
  const lines: string[] = [];
  const log = (_: string, text: string) => void lines.push(text);
  const nft = nftAt('/nonexistent/nft');
  const readAll = new Kernel().reader(marks);
  const without = new KernelTable({ nft, readAll, wanted: new Wish(), marks, log });
  await without.sync(['a']);
  await without.audit();
  assert.equal(await without.read(), []);
  assert.is(without.status.state, 'missing');
  assert.is(lines.length, 1);
});

test('an id that is none never reaches a script', async () => {
  const evil = ['a; flush ruleset', 'a"', 'A', 'a b', '', 'a\nb', 'x'.repeat(65)];
  const { kernel, lines } = await ready(...evil.map((id) => hold(id, { mac: macOf(1) })));
  assert.is(kernel.counters.size, 0, lines.join());
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.nat(1e12), (up, down, total) => {
      const one = hold('a', { pace: { up, down }, caps: { total } });
      const script = scriptOf(changes(empty(), rulesetOf([newPiece(5, one, one.used)], marks)));
      for (const line of script.split('\n').filter(Boolean)) {
        assert.match(line, /^add (limit|quota|counter|element) inet turnpike \w+ \{ [\w :."/]+;? \}$/);
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
