// Somebody flushes the ruleset: what passed since the last reading is known from the kernel's connections.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { Witness } from '../../src/kernel/witness.js';
import type { TestimonyTask } from '../../workers/contract.js';
import { testify } from '../../workers/witness.js';
import { Kernel } from './simulated.js';
import { hold, marks, premises, tableOn, Wish } from './wanted.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(dir, 'nf_conntrack');
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A cap that is far away. */
const plenty = { caps: { total: 10_000_000 } };

/** A table with these sessions, and the connections of its kernel. */
async function shop(...holds: readonly Hold[]) {
  const kernel = new Kernel();
  const wish = new Wish();
  const lines: string[] = [];
  wish.put(...holds);
  let now = 0;
  const log = (level: string, text: string) => void lines.push(`${level} ${text}`);
  const connections = new Map<number, { mark: number; up: number; down: number }>();
  const write = (form = (line: string) => line) => {
    const text = [...connections].map(([port, { mark, up, down }]) => {
      const there = `src=10.0.0.9 dst=192.0.2.1 sport=${port} dport=80 packets=1 bytes=${up}`;
      const back = `src=192.0.2.1 dst=10.0.0.9 sport=80 dport=${port} packets=1 bytes=${down}`;
      return form(
        `ipv4     2 tcp      6 99 ESTABLISHED ${there} ${back} [ASSURED] mark=${mark} zone=0 use=2\n`,
      );
    });
    writeFileSync(file, text.join(''));
  };
  const hear = (task: TestimonyTask) => {
    write();
    return testify(task);
  };
  const witness = new Witness({ file, marks, run: hear, log, now: () => now });
  const table = tableOn(kernel, wish, lines, 0, witness);
  await table.audit();
  /** Bytes in a connection, with our table or, where there is none, past it. */
  const move = (port: number, id: string, way: 'up' | 'down', bytes: number) => {
    const mark = kernel.markOf(wish.hold(id)!.mac, marks) ?? connections.get(port)?.mark ?? 0;
    if (kernel.there) kernel.carry(mark, way, bytes);
    const one = connections.get(port) ?? { mark, up: 0, down: 0 };
    connections.set(port, { ...one, mark, [way]: one[way] + bytes });
  };
  const told = async (form?: (line: string) => string) => {
    now += 1_000;
    write(form);
    return new Map((await table.read()).map(({ id, up, down }) => [id, { up, down }]));
  };
  const wait = (ms: number) => {
    now += ms;
  };
  return { kernel, wish, table, lines, move, told, wait };
}

test('what passed before the flush and after the last reading is billed, once', async () => {
  const { kernel, table, move, told } = await shop(hold('a', plenty), hold('bb', plenty));
  move(1, 'a', 'down', 1_000);
  assert.equal(await told(), new Map([['a', { up: 0, down: 1_000 }]]));
  move(1, 'a', 'down', 500);
  move(2, 'a', 'up', 70);
  move(3, 'bb', 'down', 20);
  kernel.flush();
  await table.audit();
  const all = new Map([
    ['a', { up: 70, down: 1_500 }],
    ['bb', { up: 0, down: 20 }],
  ]);
  assert.equal(await told(), all);
  assert.equal(await told(), new Map(), 'nothing has moved since');
  move(1, 'a', 'down', 5);
  assert.equal((await told()).get('a'), { up: 70, down: 1_505 });
});

test('flushed twice before the next reading: still once', async () => {
  const { kernel, table, move, told } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 1_000);
  await told();
  move(1, 'a', 'down', 500);
  kernel.flush();
  await table.audit();
  move(1, 'a', 'down', 30);
  kernel.flush();
  move(1, 'a', 'down', 4);
  await table.audit();
  assert.equal(await told(), new Map([['a', { up: 0, down: 1_534 }]]));
});

test('a reading that comes before the word of the flush finds the same', async () => {
  const { kernel, table, move, told } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 1_000);
  await told();
  move(1, 'a', 'down', 500);
  kernel.flush();
  assert.equal((await told()).get('a'), { up: 0, down: 1_500 });
  await table.audit();
  assert.equal(await told(), new Map());
});

test('what the last close counted of a session is not counted again', async () => {
  const { kernel, table, move, told } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 1_000);
  await told();
  move(1, 'a', 'down', 500);
  assert.equal(await table.count('a'), { up: 0, down: 1_500 });
  kernel.flush();
  assert.equal(await table.count('a'), { up: 0, down: 1_500 });
});

test('a cap that is near or spent: what the kernel dropped there is not billed', async () => {
  const { kernel, table, move, told } = await shop(hold('a', { caps: { total: 1_000_000 } }));
  move(1, 'a', 'down', 990_000);
  await told();
  for (let i = 0; i < 9; i++) move(1, 'a', 'down', 60_000);
  kernel.flush();
  await table.audit();
  await told();
  assert.equal(await table.count('a'), { up: 0, down: 990_000 });
});

test('what was sent to a device that is away and was dropped is not billed, unless it has come back', async () => {
  for (const [up, billed] of [
    [0, 131_072],
    [60, 5_000_000],
  ] as const) {
    const { kernel, wish, table, move, told } = await shop(hold('a', plenty));
    move(1, 'a', 'up', 100);
    await told();
    wish.put(hold('a', { ...plenty, away: true }));
    await table.sync(['a']);
    await told();
    move(1, 'a', 'down', 5_000_000);
    move(1, 'a', 'up', up);
    kernel.flush();
    await table.audit();
    assert.equal(await told(), new Map([['a', { up: 100 + up, down: billed }]]));
  }
});

test('a connection of a session that is over is billed to nobody, nor what it had moved before', async () => {
  const { kernel, wish, table, move, told } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 900_000);
  await told();
  const { mac } = wish.hold('a')!;
  wish.list = [hold('bb', { ...plenty, mac })];
  await table.sync(['a', 'bb']);
  await told();
  move(1, 'bb', 'down', 500);
  kernel.flush();
  await table.audit();
  await told();
  assert.equal(await table.count('bb'), { up: 0, down: 0 });
});

test('a session that was sold after the last look: all that its connections moved is its own', async () => {
  const { kernel, wish, table, move, told } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 900);
  await told();
  wish.put(hold('bb', plenty));
  await table.sync(['bb']);
  move(2, 'bb', 'down', 500);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('bb'), { up: 0, down: 500 });
  assert.equal(await table.count('a'), { up: 0, down: 900 });
  move(2, 'bb', 'up', 5);
  assert.equal((await told()).get('bb'), { up: 5, down: 500 });
});

test('the first session that is ever sold, flushed before the first look, and flushed again', async () => {
  const { kernel, wish, table, move, told } = await shop();
  wish.put(hold('a', plenty));
  await table.sync(['a']);
  move(1, 'a', 'down', 4_500);
  for (let n = 0; n < 2; n++) {
    kernel.flush();
    await table.audit();
    assert.equal(await table.count('a'), { up: 0, down: 4_500 });
  }
  move(1, 'a', 'down', 5);
  assert.equal((await told()).get('a'), { up: 0, down: 4_505 });
});

test('where a portal lets people in by itself, what a connection moved before its session is not billed', async () => {
  const { kernel, wish, table, move } = await shop();
  wish.places = [{ ...premises, exclusive: false }];
  await table.audit();
  wish.put(hold('a', plenty));
  await table.sync(['a']);
  move(1, 'a', 'down', 4_500);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), { up: 0, down: 0 });
});

test('a new session of a device whose old one ended just now: what the old one moved is not billed again', async () => {
  const { kernel, wish, table, move, told } = await shop(hold('a', plenty));
  await told();
  move(1, 'a', 'down', 900);
  const { mac } = wish.hold('a')!;
  wish.list = [hold('bb', { ...plenty, mac })];
  await table.sync(['a', 'bb']);
  move(1, 'bb', 'down', 50);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('bb'), { up: 0, down: 0 });
});

test('the same where the old session ended when the whole table was compared', async () => {
  const { kernel, wish, table, move, told } = await shop(hold('a', plenty));
  await told();
  move(1, 'a', 'down', 900);
  const { mac } = wish.hold('a')!;
  wish.list = [];
  await table.audit();
  wish.list = [hold('bb', { ...plenty, mac })];
  await table.sync(['bb']);
  move(1, 'bb', 'down', 50);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('bb'), { up: 0, down: 0 });
});

test('a session that comes when the whole table is compared is not new: nobody knows what stood before', async () => {
  const { kernel, wish, table, move } = await shop();
  wish.put(hold('a', plenty));
  kernel.flush();
  await table.sync(['a']);
  move(1, 'a', 'down', 4_500);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), { up: 0, down: 0 });
});

test('a session of an earlier run is not new: its connections say nothing before a look', async () => {
  const used = { up: 0, down: 700 };
  const { kernel, table, move } = await shop(hold('a', { ...plenty, used }), hold('bb', plenty));
  move(1, 'a', 'down', 900);
  move(2, 'bb', 'down', 900);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), used);
  assert.equal(await table.count('bb'), { up: 0, down: 0 });
});

test('the status says whether connections are counted, or why not', async () => {
  const { table, move, told, wait } = await shop(hold('a', plenty));
  assert.is(table.status.connections, 'unknown');
  move(1, 'a', 'down', 1_000);
  await told((line) => line.replaceAll(/packets=\d+ bytes=\d+ /g, ''));
  assert.is(table.status.connections, 'off');
  wait(100_000);
  await told();
  assert.is(table.status.connections, 'counted');
});

test('connections that the kernel does not count: as without them, and it is said once', async () => {
  const { kernel, table, lines, move, told, wait } = await shop(hold('a', plenty));
  move(1, 'a', 'down', 1_000);
  const uncounted = (line: string) => line.replaceAll(/packets=\d+ bytes=\d+ /g, '');
  await told(uncounted);
  wait(100_000);
  await told(uncounted);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), { up: 0, down: 1_000 });
  assert.is(lines.filter((line) => line.includes('nf_conntrack_acct')).length, 1, lines.join('\n'));
});

test('two faults that take turns are said once each', () => {
  const lines: string[] = [];
  const log = (_level: string, text: string) => void lines.push(text);
  const witness = new Witness({ file, marks, run: testify, log, now: () => 0 });
  for (let n = 0; n < 3; n++) {
    for (const fault of ['late', 'off'] as const) witness.note({ fault, tookMs: 250 }, new Map());
  }
  assert.is(lines.length, 2, lines.join('\n'));
});

test('connections that could not be looked at for long are taken for old ones', async () => {
  const { kernel, table, move, told, wait } = await shop(hold('a', plenty));
  for (let port = 1; port <= 900; port++) move(port, 'a', 'down', 1_000);
  await told();
  const uncounted = (line: string) => line.replaceAll(/packets=\d+ bytes=\d+ /g, '');
  for (let n = 0; n < 12; n++) {
    wait(60_000);
    await told(uncounted);
  }
  move(1, 'a', 'down', 500);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), { up: 0, down: 900_000 });
});

test('more connections than there is room for: more room is made', async () => {
  const { kernel, table, move, told } = await shop(hold('a', plenty));
  for (let port = 1; port <= 1_500; port++) move(port, 'a', 'up', 10);
  await told();
  await told();
  move(1, 'a', 'up', 7);
  kernel.flush();
  await table.audit();
  assert.equal(await table.count('a'), { up: 15_007, down: 0 });
});

test.run();
