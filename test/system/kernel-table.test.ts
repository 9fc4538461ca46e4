// What others may do to our table, with the real nft in a network namespace: it is noticed, and the cap holds on.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { counterReader } from '../../src/kernel/counters.js';
import { type Nft, nftAt } from '../../src/kernel/nft.js';
import { KernelTable } from '../../src/kernel/table.js';
import { readCounters } from '../../workers/counters.js';
import { hold, marks, Wish } from '../kernel/wanted.js';
import { nftIn } from './rig/kernel-shop.js';
import { Room } from './rig/room.js';

interface Context {
  room: Room;
  program: ReturnType<typeof nftIn>;
  nft: Nft;
  /** What should be; the first is capped at 1,000,000 bytes, and the kernel has counted 700,000 of them. */
  wish: Wish;
  table: KernelTable;
  lines: string[];
}

const test = suite<Context>('kernel table');

const paced = (id: string, over: Partial<Hold> = {}) =>
  hold(id, { caps: { total: 1_000_000 }, pace: { up: 512, down: 8192 }, ...over });

const used = { up: 100_000, down: 600_000 };
const a = paced('a', { caps: { total: 1_000_000, down: 900_000 } });

function tableOf({ nft, program, wish, lines }: Omit<Context, 'table'>): KernelTable {
  const readAll = counterReader(program.file, marks.most, readCounters);
  return new KernelTable({ nft, readAll, wanted: wish, marks, log: (_, text) => lines.push(text) });
}

test.before.each(async (c) => {
  c.room = await Room.open();
  c.program = nftIn(c.room);
  c.nft = nftAt(c.program.file);
  c.lines = [];
  c.wish = new Wish();
  c.wish.put({ ...a, used }, paced('bb'));
  c.table = tableOf(c);
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
  // From here on nobody but the kernel knows what the first has used.
  c.wish.put(a);
});

test.after.each(async (c) => {
  await c.room.close();
  c.program.remove();
});

/** The table without its counts: in the order of names, for that in which objects were made does not matter. */
async function layout({ nft }: Context): Promise<string> {
  const text = await nft(['-s', 'list', 'table', 'inet', 'turnpike']);
  const [head = '', ...blocks] = text
    .trim()
    .slice(0, -1)
    .split(/\n\n|\{\n(?=\t\w)/);
  // The set that says whose it is has another name for each time that the table was made.
  const own = blocks.map((block) => block.trim()).filter((block) => !/^set made_/.test(block));
  return [head, ...own.sort()].join('\n\n');
}

/** What is counted of the first session: quotas of both directions together and of down, and counters. */
async function counts({ nft }: Context): Promise<{ t: number; d: number; cu: number; cd: number }> {
  const { nftables } = JSON.parse(await nft(['-j', 'list', 'table', 'inet', 'turnpike'])) as {
    nftables: { quota?: { name: string; used: number }; counter?: { name: string; bytes: number } }[];
  };
  const found = nftables.flatMap(({ quota, counter }) => {
    const [name, bytes] = quota ? [quota.name, quota.used] : [counter?.name, counter?.bytes];
    const [, prefix, id] = /^([a-z]+)\d+_([a-z]+)/.exec(name ?? '') ?? [];
    return id === 'a' ? [[prefix, bytes] as const] : [];
  });
  return Object.fromEntries(found) as Awaited<ReturnType<typeof counts>>;
}

/** The name of the first session's quota. */
async function quotaOf({ nft }: Context): Promise<string> {
  return /quota (t\d+_a_\d+)/.exec(await nft(['list', 'quotas', 'table', 'inet', 'turnpike']))![1]!;
}

/** Runs a script as somebody else. */
const run = ({ nft }: Context, script: string) => nft(['-f', '-'], script);

/** The handle of the first rule of a chain that says this. */
async function handleOf({ nft }: Context, chain: string, rule: string): Promise<string> {
  const text = await nft(['-a', 'list', 'chain', 'inet', 'turnpike', chain]);
  const line = text.split('\n').find((l) => l.includes(rule));
  const handle = /# handle (\d+)/.exec(line ?? '')?.[1];
  assert.ok(handle, `${rule} in ${text}`);
  return handle as string;
}

const t = 'inet turnpike';
const done: readonly (readonly [what: string, how: (c: Context) => Promise<unknown>])[] = [
  [
    'an element with a comment',
    (c) => run(c, `add element ${t} trusted { 02:00:00:00:09:09 comment "mine" }`),
  ],
  [
    'a comment on a customer’s element',
    (c) => run(c, `delete element ${t} known { ${a.mac} }\nadd element ${t} known { ${a.mac} comment "x" }`),
  ],
  ['nft reset quotas', (c) => c.nft(['reset', 'quotas'])],
  ['nft reset counters', (c) => c.nft(['reset', 'counters'])],
  ['flags dormant', (c) => run(c, `add table ${t} { flags dormant; }`)],
  ['policy drop', (c) => run(c, `chain ${t} hold { policy drop; }`)],
  [
    'a rule swapped for another',
    async (c) => {
      const handle = await handleOf(c, 'pass_down', 'cap_total');
      await run(c, `replace rule ${t} pass_down handle ${handle} accept`);
    },
  ],
  [
    'a rule taken out',
    async (c) => run(c, `delete rule ${t} hold handle ${await handleOf(c, 'hold', 'iifname @sale')}`),
  ],
  [
    'rules in another order',
    async (c) => {
      const handle = await handleOf(c, 'up', 'goto strangers');
      await run(c, `delete rule ${t} up handle ${handle}\ninsert rule ${t} up goto strangers`);
    },
  ],
  [
    'a chain at another hook',
    (c) => run(c, `add chain ${t} first { type filter hook forward priority -300; policy drop; }`),
  ],
  ['a raised cap', async (c) => run(c, `add quota ${t} ${await quotaOf(c)} { over 99000000 bytes; }`)],
  ['a device let in by hand', (c) => run(c, `add element ${t} trusted { 02:00:00:00:09:09 }`)],
  ['an interface that is not for sale any more', (c) => run(c, `delete element ${t} sale { "br-lan" }`)],
  ['a session’s mark taken out', (c) => run(c, `flush set ${t} live`)],
  ['a mark led to no quota', (c) => run(c, `flush map ${t} cap_total`)],
  ['the table deleted', (c) => run(c, `delete table ${t}`)],
  [
    'a ruleset that was saved, restored on top of the present one',
    async (c) => run(c, await c.nft(['list', 'ruleset'])),
  ],
  [
    'an old ruleset, restored',
    async (c) => {
      const old = await c.nft(['list', 'ruleset']);
      await run(c, `flush ruleset\n${old.replaceAll('used 700000 bytes', 'used 100000 bytes')}`);
    },
  ],
];

for (const [what, how] of done) {
  test(`${what}: it is mended, once, and what the kernel has counted stays counted`, async (c) => {
    const before = await layout(c);
    await how(c);
    await c.table.audit();
    assert.is(c.table.status.state, 'on', c.table.status.error);
    assert.is(c.table.status.mended, 1);
    assert.is(await layout(c), before);
    assert.equal(await counts(c), { t: 700_000, d: 600_000, cu: 100_000, cd: 600_000 });
    await c.table.audit();
    assert.is(c.table.status.mended, 1);
    assert.is(c.lines.filter((l) => l.includes('somebody')).length, 1);
  });
}

test('what is done to the table while turnpike is off is mended at its next start', async (c) => {
  const before = await layout(c);
  for (const [what, how] of done.filter(([name]) => !/reset|deleted|restored|raised/.test(name))) {
    await how(c);
    const next = tableOf(c);
    await next.audit();
    assert.is(next.status.state, 'on', `${what}: ${next.status.error}`);
    assert.is(await layout(c), before, what);
    assert.is((await counts(c)).t, 700_000, what);
    c.table = next;
  }
});

test('a look finds a table that is gone and makes it anew; what was counted is told once', async (c) => {
  assert.equal(
    [...(await c.table.read())].find(({ id }) => id === 'a'),
    { id: 'a', ...used, spent: {} },
  );
  await run(c, `delete table ${t}`);
  assert.equal(await c.table.read(), []);
  assert.is(c.table.status.mended, 1);
  assert.equal(await counts(c), { t: 700_000, d: 600_000, cu: 100_000, cd: 600_000 });
});

test('a change that nft refuses: the table is made anew at once, and the new cap is in it', async (c) => {
  await run(c, `flush map ${t} cap_total\ndelete quota ${t} ${await quotaOf(c)}`);
  c.wish.put({ ...a, caps: { total: 2_000_000 } });
  await c.table.sync(['a']);
  assert.is(c.table.status.state, 'on', c.table.status.error);
  assert.match(await c.nft(['list', 'quota', 'inet', 'turnpike', await quotaOf(c)]), 'over 2000000 bytes');
  assert.is((await counts(c)).t, 700_000);
});

test('a top-up after all of that keeps what was counted', async (c) => {
  for (const [, how] of done.filter(([name]) => /comment|dormant|swapped/.test(name))) {
    await how(c);
    await c.table.audit();
  }
  c.wish.put({ ...a, caps: { total: 3_000_000, down: 900_000 } });
  await c.table.sync(['a']);
  const quota = await c.nft(['list', 'quota', 'inet', 'turnpike', await quotaOf(c)]);
  assert.match(quota, 'over 3000000 bytes used 700000 bytes');
});

test('a table with everything that turnpike can write in it is what nft reads back', async (c) => {
  c.wish.put(
    paced('ccc', { caps: { total: 5_000_000, up: 1_000_000, down: 4_096_000 } }),
    hold('dddd', { live: false }),
  );
  c.wish.places = [
    { interfaces: ['br-lan', 'eth0.5'], exclusive: true, trusted: [hold('x').mac], open: [] },
    {
      ...{ interfaces: ['br-guest'], exclusive: false, trusted: [] },
      open: [
        { protocol: 'tcp', port: 443, to: '192.0.2.0/24' },
        { protocol: 'udp', to: 'fd00::/8' },
        { protocol: 'icmp' },
        { port: 53, protocol: 'udp' },
        { to: '192.0.2.1' },
      ],
    },
  ];
  await c.table.audit();
  assert.is(c.table.status.state, 'on', c.table.status.error);
  const before = await layout(c);
  await c.table.audit();
  assert.is(await layout(c), before);
  assert.is(c.table.status.mended, 0, c.lines.join('\n'));
});

test('an interface is gated whatever it is called', async (c) => {
  const names = ['2g', 'vlan', 'mark', 'eth0.2', 'eth0@if3', '-x'];
  for (const exclusive of [true, false]) {
    c.wish.places = [{ ...c.wish.places[0]!, interfaces: names, exclusive }];
    await c.table.audit();
    assert.is(c.table.status.state, 'on', c.table.status.error);
    await c.table.audit();
    assert.is(c.table.status.mended, 0, 'it is read back as it was written');
  }
});

test.run();
