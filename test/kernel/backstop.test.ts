// The hard cap against a table in memory that understands the scripts we write. The real nft is in the system tests.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { Backstop } from '../../src/kernel/backstop.js';
import { nftAt } from '../../src/kernel/nft.js';
import { addressOf, emptyRuleset, rateIn, rulesetOf } from '../../src/kernel/ruleset.js';
import { scriptFor } from '../../src/kernel/script.js';
import fc from '../rig/properties.js';
import { Kernel } from './simulated.js';

const hold = (id: string, over: Partial<Hold> = {}): Hold => ({
  id,
  addresses: [`10.0.0.${id.length}`],
  cut: false,
  caps: { total: 1000 },
  used: { total: 0, up: 0, down: 0 },
  rates: {},
  ...over,
});

const anyHold = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  addresses: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1', 'fd00::2'), {
    maxLength: 3,
  }),
  cut: fc.boolean(),
  caps: fc.record({ total: fc.nat(5000), up: fc.nat(5000), down: fc.nat(5000) }, { requiredKeys: [] }),
  used: fc.record({ total: fc.nat(5000), up: fc.nat(5000), down: fc.nat(5000) }),
  rates: fc.record({ up: fc.integer({ min: -1, max: 4 }), down: fc.nat(4) }, { requiredKeys: [] }),
});
const anyHolds = fc.uniqueArray(anyHold, { selector: (h) => h.id, maxLength: 4 });

test('whatever is wanted in turn, also after a flush: the kernel ends with just that', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(anyHolds, fc.boolean()), { maxLength: 12 }), async (turns) => {
      const kernel = new Kernel();
      let wanted: Hold[] = [];
      const backstop = new Backstop(kernel.nft, () => wanted);
      for (const [holds, flush] of turns) {
        wanted = holds;
        if (flush) kernel.flush();
        if (flush) await backstop.audit();
        else await backstop.sync();
        assert.is(backstop.status.state, 'on', backstop.status.error);
        const { limits, quotas, counters, elements } = rulesetOf(wanted);
        assert.equal(new Set(kernel.limits.keys()), limits);
        for (const [name, rate] of kernel.limits) assert.is(rate, rateIn(name));
        assert.equal(new Set(kernel.quotas.keys()), new Set(quotas.keys()));
        for (const [name, { cap }] of quotas) assert.is(kernel.quotas.get(name)!.bytes, cap);
        assert.equal(new Set(kernel.counters.keys()), new Set(counters.keys()));
        for (const [map, entries] of elements) {
          assert.equal(new Map([...kernel.elements.get(map)!].sort()), new Map([...entries].sort()), map);
        }
        const written = kernel.scripts.length;
        await backstop.audit();
        assert.is(kernel.scripts.length, written, 'what is read back is what was wanted');
      }
    }),
    { numRuns: 200 },
  );
});

test('a top-up moves the cap and keeps what was counted; the same again writes nothing', async () => {
  const kernel = new Kernel();
  let wanted = [hold('a')];
  const backstop = new Backstop(kernel.nft, () => wanted);
  await backstop.sync();
  kernel.quotas.get('t_a')!.used = 700;
  wanted = [hold('a', { caps: { total: 3000 } })];
  await backstop.sync();
  assert.equal(kernel.quotas.get('t_a'), { bytes: 3000, used: 700 });
  const before = kernel.scripts.length;
  await Promise.all([backstop.sync(), backstop.sync(), backstop.audit()]);
  assert.is(kernel.scripts.length, before);
});

test('another rate is another limit, in one script that touches nothing else', async () => {
  const kernel = new Kernel();
  let wanted = [
    hold('a', { addresses: ['10.0.0.1', 'fd00::1'], rates: { up: 512, down: 2000 } }),
    hold('bb'),
  ];
  const backstop = new Backstop(kernel.nft, () => wanted);
  await backstop.sync();
  assert.equal(
    kernel.limits,
    new Map([
      ['ru_a_512', 64_000],
      ['rd_a_2000', 250_000],
    ]),
  );
  assert.equal(kernel.elements.get('ratedown6'), new Map([['fd00::1', 'rd_a_2000']]));
  wanted = [{ ...wanted[0]!, rates: { up: 512, down: 4000 } }, wanted[1]!];
  await backstop.sync();
  assert.equal(kernel.scripts.at(-1)!.split('\n'), [
    'add limit inet turnpike rd_a_4000 { rate over 500000 bytes/second burst 15000 bytes; }',
    'delete element inet turnpike ratedown4 { 10.0.0.1 }',
    'add element inet turnpike ratedown4 { 10.0.0.1 : "rd_a_4000" }',
    'delete element inet turnpike ratedown6 { fd00::1 }',
    'add element inet turnpike ratedown6 { fd00::1 : "rd_a_4000" }',
    'delete limit inet turnpike rd_a_2000',
    '',
  ]);
  wanted = [{ ...wanted[0]!, rates: {} }, wanted[1]!];
  await backstop.audit();
  assert.equal(kernel.limits, new Map());
  assert.is(backstop.status.mended, 0);
});

test('a rate that is none is no limit, and none is more than the kernel takes', () => {
  for (const up of [0, 0.9, -1, Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.equal(rulesetOf([hold('a', { rates: { up } })]).limits, new Set(), String(up));
  }
  assert.equal(rulesetOf([hold('a', { rates: { up: 1.9 } })]).limits, new Set(['ru_a_1']));
  for (const down of [1e21, Number.POSITIVE_INFINITY]) {
    assert.equal(rulesetOf([hold('a', { rates: { down } })]).limits, new Set(['rd_a_100000000']));
  }
});

test('the table of an earlier version, with fewer rules, is made anew', async () => {
  const kernel = new Kernel();
  await new Backstop(kernel.nft, () => [hold('old'), hold('a')]).sync();
  kernel.chains[1]!.rules.splice(2);
  for (const map of ['rateup4', 'rateup6', 'ratedown4', 'ratedown6']) kernel.elements.delete(map);
  const backstop = new Backstop(kernel.nft, () => [hold('a', { rates: { up: 1000 } })]);
  await backstop.sync();
  assert.is(backstop.status.state, 'on', backstop.status.error);
  assert.equal([...kernel.quotas.keys()], ['t_a']);
  assert.equal(kernel.elements.get('rateup4'), new Map([['10.0.0.1', 'ru_a_1000']]));
  const before = kernel.scripts.length;
  await backstop.audit();
  assert.is(kernel.scripts.length, before);
});

test('an audit tells what passed and what is spent, and mends a flushed table once', async () => {
  const kernel = new Kernel();
  const lines: string[] = [];
  const wanted = [hold('a', { used: { total: 400, up: 0, down: 400 } })];
  const backstop = new Backstop(
    kernel.nft,
    () => wanted,
    (_, text) => lines.push(text),
  );
  await backstop.sync();
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 400, spent: {} }]);
  kernel.quotas.get('t_a')!.used = 5000;
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 400, spent: { total: 1000 } }]);
  kernel.flush();
  assert.equal(await backstop.audit(), []);
  assert.is(backstop.status.mended, 1);
  assert.equal(kernel.quotas.get('t_a'), { bytes: 1000, used: 400 }, 'from what the portal counted');
  await backstop.audit();
  assert.is(backstop.status.mended, 1);
  assert.is(lines.filter((l) => l.includes('somebody')).length, 1);
});

test('a new start keeps what the kernel counted while nobody was here, and clears what is over', async () => {
  const kernel = new Kernel();
  await new Backstop(kernel.nft, () => [hold('a'), hold('bb')]).sync();
  kernel.quotas.get('t_a')!.used = 900;
  await new Backstop(kernel.nft, () => [hold('a')]).sync();
  assert.equal([...kernel.quotas], [['t_a', { bytes: 1000, used: 900 }]]);
  await new Backstop(kernel.nft, () => []).remove();
  assert.is(kernel.there, false);
});

test('a flowtable is told of; no nft at all is told of once, and nobody waits for it', async () => {
  const kernel = new Kernel();
  kernel.flowtable = true;
  const backstop = new Backstop(kernel.nft, () => [hold('a')]);
  await backstop.sync();
  assert.is(backstop.status.state, 'bypassed');
  const lines: string[] = [];
  const without = new Backstop(
    nftAt('/nonexistent/nft'),
    () => [hold('a')],
    (_, text) => lines.push(text),
  );
  await without.sync();
  await without.audit();
  assert.is(without.status.state, 'missing');
  assert.is(lines.length, 1);
});

test('a name or an address that is none never reaches a script', () => {
  const evil = [
    '1.2.3.4; flush ruleset',
    '10.0.0.1\nflush ruleset',
    '::1%$(reboot)',
    '10.0.0.1 }',
    '1.2.3',
    '',
  ];
  for (const text of evil) assert.is(addressOf(text), undefined, text);
  assert.is(
    addressOf('FD00:0:0::0001'),
    'fd00::1',
    'as nft prints it, or it would be written again and again',
  );
  const ids = ['a; flush ruleset', 'a"', 'A', 'a b', '', 'a\nb', 'x'.repeat(65)];
  const holds = [...ids.map((id) => hold(id, { addresses: ['10.0.0.9'] })), hold('ok', { addresses: evil })];
  assert.equal(rulesetOf(holds), emptyRuleset());
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), fc.double(), (id, address, up) => {
      const script = scriptFor(
        emptyRuleset(),
        rulesetOf([hold(id, { addresses: [address], rates: { up } })]),
      );
      for (const line of script.split('\n').filter(Boolean)) {
        assert.match(line, /^add (limit|quota|counter|element) inet turnpike \w+ \{ [\w :."/]+;? \}$/);
      }
    }),
    { numRuns: 2000 },
  );
});

test.run();
