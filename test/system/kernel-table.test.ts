// What others may do to our table, with the real nft in a network namespace: it is noticed, and the cap holds on.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { Backstop } from '../../src/kernel/backstop.js';
import { type Nft, nftAt } from '../../src/kernel/nft.js';
import { Room } from './rig/room.js';

interface Context {
  room: Room;
  dir: string;
  nft: Nft;
  /** What should be; the first is capped at 1,000,000 bytes, and the kernel has counted 700,000 of them. */
  wanted: Hold[];
  backstop: Backstop;
  lines: string[];
}

const test = suite<Context>('kernel table');

const hold = (id: string, address: string, over: Partial<Hold> = {}): Hold => ({
  ...{ id, addresses: [address], cut: false, caps: { total: 1_000_000 } },
  ...{ used: { total: 0, up: 0, down: 0 }, rates: { up: 512, down: 8192 } },
  ...over,
});

test.before.each(async (c) => {
  c.room = await Room.open();
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(c.dir, 'nft');
  writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${c.room.pid} --net -- nft "$@"\n`);
  chmodSync(file, 0o755);
  c.nft = nftAt(file);
  c.lines = [];
  const used = { total: 700_000, up: 100_000, down: 600_000 };
  c.wanted = [
    hold('a', '10.0.0.1', { used, caps: { total: 1_000_000, down: 900_000 } }),
    hold('b', '10.0.0.2'),
  ];
  c.backstop = new Backstop(
    c.nft,
    () => c.wanted,
    (_, text) => c.lines.push(text),
  );
  await c.backstop.sync();
  await c.backstop.audit();
  // From here on nobody but the kernel knows what the first has used.
  c.wanted[0] = { ...c.wanted[0]!, used: { total: 0, up: 0, down: 0 } };
});

test.after.each(async (c) => {
  await c.room.close();
  rmSync(c.dir, { recursive: true });
});

/** The table without its counts: in the order of names, for that in which objects were made does not matter. */
async function layout({ nft }: Context): Promise<string> {
  const text = await nft(['-s', 'list', 'table', 'inet', 'turnpike']);
  const [head = '', ...blocks] = text
    .trim()
    .slice(0, -1)
    .split(/\n\n|\{\n(?=\t\w)/);
  return [head, ...blocks.map((block) => block.trim()).sort()].join('\n\n');
}

async function counts({ nft }: Context): Promise<Record<string, number>> {
  const { nftables } = JSON.parse(await nft(['-j', 'list', 'table', 'inet', 'turnpike'])) as {
    nftables: { quota?: { name: string; used: number }; counter?: { name: string; bytes: number } }[];
  };
  return Object.fromEntries(
    nftables.flatMap(({ quota, counter }) => {
      if (quota) return [[quota.name, quota.used]];
      return counter ? [[counter.name, counter.bytes]] : [];
    }),
  );
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
  ['an element with a comment', (c) => run(c, `add element ${t} cut4 { 10.9.9.9 comment "abuse" }`)],
  [
    'a comment on a customer’s element',
    (c) =>
      run(
        c,
        `delete element ${t} total4 { 10.0.0.1 }\nadd element ${t} total4 { 10.0.0.1 comment "x" : "t_a" }`,
      ),
  ],
  ['nft reset quotas', (c) => c.nft(['reset', 'quotas'])],
  ['nft reset counters', (c) => c.nft(['reset', 'counters'])],
  ['flags dormant', (c) => run(c, `add table ${t} { flags dormant; }`)],
  ['policy drop', (c) => run(c, `chain ${t} hold { policy drop; }`)],
  [
    'a rule swapped for another',
    async (c) => {
      const handle = await handleOf(c, 'hold', 'quota name ip saddr map @total4');
      await run(c, `replace rule ${t} hold handle ${handle} ip saddr 10.0.0.1 accept`);
    },
  ],
  [
    'rules in another order',
    async (c) => {
      const handle = await handleOf(c, 'hold', 'quota name ip saddr map @total4');
      await run(
        c,
        `delete rule ${t} hold handle ${handle}\nadd rule ${t} hold quota name ip saddr map @total4 drop`,
      );
    },
  ],
  [
    'a chain at another hook',
    (c) => run(c, `add chain ${t} first { type filter hook forward priority -300; policy drop; }`),
  ],
  ['a raised cap', (c) => run(c, `add quota ${t} t_a { over 99000000 bytes; }`)],
  ['an address led to another quota', (c) => run(c, `add element ${t} total4 { 10.0.0.3 : "t_b" }`)],
  [
    'another limit of the same name',
    (c) =>
      run(
        c,
        `delete element ${t} ratedown4 { 10.0.0.1 }\ndelete limit ${t} rd_a_8192\nadd limit ${t} rd_a_8192 { rate over 9000 mbytes/second; }\nadd element ${t} ratedown4 { 10.0.0.1 : "rd_a_8192" }`,
      ),
  ],
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
    await c.backstop.audit();
    assert.is(c.backstop.status.state, 'on', c.backstop.status.error);
    assert.is(c.backstop.status.mended, 1);
    assert.is(await layout(c), before);
    const { t_a, d_a, c_a } = await counts(c);
    assert.equal({ t_a, d_a, c_a }, { t_a: 700_000, d_a: 600_000, c_a: 700_000 });
    await c.backstop.audit();
    assert.is(c.backstop.status.mended, 1);
    assert.is(c.lines.filter((l) => l.includes('somebody')).length, 1);
  });
}

test('what is done to the table while turnpike is off is mended at its next start', async (c) => {
  const before = await layout(c);
  for (const [what, how] of done.filter(([name]) => !/reset|deleted|restored|raised/.test(name))) {
    await how(c);
    const next = new Backstop(c.nft, () => c.wanted);
    await next.sync();
    assert.is(next.status.state, 'on', `${what}: ${next.status.error}`);
    assert.is(await layout(c), before, what);
    assert.is((await counts(c)).t_a, 700_000, what);
  }
});

test('a change that nft refuses: the table is made anew at once, and the new cap is in it', async (c) => {
  await run(c, `delete element ${t} total4 { 10.0.0.2 }\ndelete quota ${t} t_b`);
  c.wanted = [c.wanted[0]!, hold('c', '10.0.0.2')];
  await c.backstop.sync();
  assert.is(c.backstop.status.state, 'on', c.backstop.status.error);
  assert.match(await c.nft(['list', 'map', 'inet', 'turnpike', 'total4']), '10.0.0.2 : "t_c"');
  assert.is((await counts(c)).t_a, 700_000);
});

test('a top-up after all of that keeps what was counted', async (c) => {
  for (const [, how] of done.filter(([name]) => /comment|dormant|swapped/.test(name))) {
    await how(c);
    await c.backstop.audit();
  }
  c.wanted[0] = { ...c.wanted[0]!, caps: { total: 3_000_000, down: 900_000 } };
  await c.backstop.sync();
  assert.match(
    await c.nft(['list', 'quota', 'inet', 'turnpike', 't_a']),
    'over 3000000 bytes used 700000 bytes',
  );
});

test.run();
