// When our table is compared beside the audits that are due.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Written } from '../../src/kernel/events.js';
import { GuardedTable } from '../../src/kernel/guard.js';
import { PortalRules } from '../../src/kernel/portal-rules.js';
import type { Kernel } from '../../src/ports/kernel.js';
import type { Premises } from '../../src/ports/premises.js';
import { settled, TestClock } from '../rig/clock.js';

const chains = ['ip filter ndsNET', 'ip nat ndsOUT'];
const lan: Premises = {
  ...{ interfaces: ['br-lan'], exclusive: true, trusted: [], open: [] },
  ...{ portal: 'lan', own: { chains: [chains], flowtables: [] } },
};

interface Context {
  clock: TestClock;
  hear: (written: Written) => void;
  audits: number;
  /** Of these, those that were told that the table is gone. */
  gone: number;
  /** How long a comparison takes, in ms. */
  takes: number;
  isListening: boolean;
  /** Lets those who were named be out. */
  cut: () => void;
  /** The portal's chains in the kernel. */
  found: string[];
  missed: string[];
  guard: GuardedTable;
}

const test = suite<Context>('guarded table');
const ours = new Set(['inet turnpike']);

test.before.each((c) => {
  Object.assign(c, { clock: new TestClock(), audits: 0, gone: 0, takes: 0, found: [...chains], missed: [] });
  const table = {
    status: { state: 'on', error: '', mended: 0 },
    audit: async (isGone = false) => {
      c.audits += 1;
      c.gone += Number(isGone);
      c.clock.now += c.takes;
    },
    cut: () => new Promise<void>((done) => Object.assign(c, { cut: done })),
    stop: async () => {},
  } as unknown as Kernel;
  const nft = async () =>
    JSON.stringify({
      nftables: c.found.map((text) => {
        const [family, table, name] = text.split(' ');
        return { chain: { family, table, name } };
      }),
    });
  c.guard = new GuardedTable({
    ...{ table, nft, clock: c.clock, log: () => {} },
    wanted: { hold: () => undefined, holds: () => [], premises: () => [lan] },
    rules: new PortalRules(nft, (portal, missing) => c.missed.push(`${portal}: ${missing.join(', ')}`)),
    isOwn: (pid) => pid === 7,
    listen: (written) => {
      c.hear = written;
      return {
        start: () => {
          c.isListening = true;
        },
        stop: async () => {
          c.isListening = false;
        },
      };
    },
  });
});

test('who is over is shut out before anything is listed', async (c) => {
  void c.guard.cut([]);
  void c.guard.audit();
  await settled();
  assert.equal([c.isListening, c.audits], [undefined, 0]);
  c.cut();
  await settled();
  assert.equal([c.isListening, c.audits], [true, 1]);
});

test('somebody writes into our table: it is compared at once', async (c) => {
  c.hear({ pid: 99, tables: ours });
  await settled();
  assert.is(c.audits, 1);
});

test('somebody deletes our table: it is made before anybody looks at it, once', async (c) => {
  c.hear({ pid: 99, tables: ours, deleted: new Set(['ip fw4']) });
  await c.clock.pass(1_000);
  assert.is(c.gone, 0);
  c.hear({ pid: 99, tables: ours, deleted: ours });
  await settled();
  assert.is(c.gone, 1);
  c.hear({ pid: 99, tables: ours });
  await c.clock.pass(1_000);
  assert.equal([c.audits, c.gone], [3, 1]);
});

test('our table deleted twice in a row: the second time, too, it is made at once', async (c) => {
  c.takes = 200;
  for (let n = 1; n <= 2; n++) {
    c.hear({ pid: 99, tables: ours, deleted: ours });
    await settled();
    assert.is(c.gone, n);
  }
});

test('own writes, and writes into tables of others, call for nothing', async (c) => {
  c.hear({ pid: 7, tables: ours });
  c.hear({ pid: 99, tables: new Set(['inet fw4', 'ip dnsmasq']) });
  await c.clock.pass(60_000);
  assert.is(c.audits, 0);
});

test('events that were lost may have been of our table', async (c) => {
  c.hear({ pid: undefined, tables: undefined });
  await settled();
  assert.is(c.audits, 1);
});

test('somebody who writes all the time takes a fifth of the time at the most, and is seen to the end', async (c) => {
  c.takes = 200;
  const end = c.clock.now + 10_000;
  while (c.clock.now < end) {
    c.hear({ pid: 99, tables: ours });
    await c.clock.pass(10);
  }
  assert.ok(c.audits >= 5 && c.audits <= 12, `${c.audits} comparisons of 0.2 s in 10 s`);
  const before = c.audits;
  await c.clock.pass(60_000);
  assert.ok(c.audits <= before + 1);
});

test('listening begins with the first audit, and ends with the daemon', async (c) => {
  await c.guard.audit();
  assert.ok(c.isListening);
  await c.guard.stop();
  assert.not(c.isListening);
  c.hear({ pid: 99, tables: ours });
  await c.clock.pass(1_000);
  assert.is(c.audits, 1);
});

test('a portal whose chains are gone is named when it had the time to make them anew, and when they are back', async (c) => {
  await c.guard.audit();
  c.found = ['ip nat ndsOUT'];
  c.hear({ pid: 99, tables: new Set(['ip filter']) });
  await c.clock.pass(4_900);
  assert.equal(c.missed, []);
  await c.clock.pass(200);
  assert.equal(c.missed, ['lan: ip filter ndsNET']);
  await c.guard.audit();
  assert.is(c.missed.length, 1, 'once');
  c.found = [...chains];
  await c.guard.audit();
  assert.equal(c.missed.slice(1), ['lan: ']);
});

test('many changes while chains are gone set one timer for them, and none is left at the end', async (c) => {
  await c.guard.audit();
  c.found = [];
  for (let n = 0; n < 5; n++) {
    c.hear({ pid: 99, tables: new Set(['ip filter']) });
    await c.clock.pass(200);
  }
  assert.ok(c.clock.pending <= 2, `${c.clock.pending} timers`);
  await c.guard.stop();
  assert.is(c.clock.pending, 0);
});

test('chains that were never seen are not missed: they may be where nft does not look', async (c) => {
  c.found = [];
  for (let n = 0; n < 3; n++) {
    await c.guard.audit();
    await c.clock.pass(10_000);
  }
  assert.equal(c.missed, []);
});

test.run();
