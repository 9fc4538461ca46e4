import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodogsplash } from '../../src/portals/nodogsplash/dialect.js';
import { flag } from '../../workers/contract.js';
import { Ledger } from '../../workers/ledger.js';
import { book } from '../../workers/poll.js';
import { Scanner } from '../../workers/scan.js';
import fc from '../rig/properties.js';

interface Look {
  readonly client: number;
  readonly up: number;
  readonly down: number;
  readonly epoch: number;
  readonly grow: boolean;
  readonly take: boolean;
}

const looks = fc.array(
  fc.record({
    client: fc.integer({ min: 1, max: 5 }),
    up: fc.nat(100),
    down: fc.nat(100),
    epoch: fc.integer({ min: 1, max: 3 }),
    grow: fc.boolean(),
    take: fc.boolean(),
  }),
  { maxLength: 60, size: 'max' },
);

const seen = (l: Look) => ({
  mac: l.client,
  ip: l.client * 7,
  up: l.up,
  down: l.down,
  epoch: l.epoch,
  open: true,
});

/** What the contract says: after a new epoch, or when either counter fell, both count in full, else the difference. */
function reference(last: Look | undefined, { up, down, epoch }: Look): [number, number] {
  if (!last || last.epoch !== epoch || up < last.up || down < last.down) return [up, down];
  return [up - last.up, down - last.down];
}

test('whatever the counters do, what is taken adds up to what the reference bills', () => {
  fc.assert(
    fc.property(looks, (sequence) => {
      let ledger = Ledger.create(4, true);
      const billed = new Map<number, [number, number]>();
      const taken = new Map<number, [number, number]>();
      const last = new Map<number, Look>();
      const book = (sums: typeof billed, client: number, up: number, down: number) => {
        const [a, b] = sums.get(client) ?? [0, 0];
        sums.set(client, [a + up, b + down]);
      };
      const takeAll = () => {
        for (const slot of ledger.changed()) {
          const [up, down] = [ledger.upOf(slot), ledger.downOf(slot)];
          assert.ok(up >= 0 && down >= 0, 'never negative');
          book(taken, ledger.macOf(slot), up, down);
          ledger.take(slot, up, down);
        }
        assert.equal([...ledger.changed()], []);
      };
      for (const look of sequence) {
        ledger.begin();
        assert.ok(ledger.observe(seen(look)) >= 0);
        book(billed, look.client, ...reference(last.get(look.client), look));
        last.set(look.client, look);
        if (look.grow && ledger.capacity < 100) ledger = ledger.grown();
        if (look.take) takeAll();
      }
      takeAll();
      assert.equal([...taken].sort(), [...billed].sort());
    }),
    { numRuns: 500 },
  );
});

test('a restored client counts from where it stood, in its epoch; from zero in another', () => {
  const client = { mac: 1, ip: 1, up: 100, down: 200, epoch: 5, open: false };
  for (const [epoch, up, expected] of [
    [5, 130, 30],
    [5, 100, 0],
    [5, 40, 40],
    [6, 130, 130],
  ] as const) {
    const ledger = Ledger.create(4, true);
    assert.ok(ledger.restore(client));
    assert.equal([...ledger.changed()], [], 'nothing to tell yet');
    const slot = ledger.observe({ ...client, epoch, up, down: epoch === 5 ? 200 : 0, open: true });
    assert.is(ledger.upOf(slot), expected);
    assert.is(ledger.flagsOf(slot) & (flag.open | flag.fresh | flag.gone), flag.open | flag.fresh);
  }
});

test('a client that a complete reply lacks is told gone once, and fresh when it is back', () => {
  const ledger = Ledger.create(4, true);
  const client = { mac: 1, ip: 1, up: 10, down: 0, epoch: 1, open: true };
  ledger.begin();
  const slot = ledger.observe(client);
  ledger.take(slot, 10, 0);
  ledger.begin();
  ledger.sweep();
  assert.equal([...ledger.changed()], [slot]);
  assert.is(ledger.flagsOf(slot), flag.gone);
  ledger.take(slot, 0, 0);
  ledger.begin();
  ledger.sweep();
  assert.equal([...ledger.changed()], []);
  ledger.begin();
  ledger.observe({ ...client, up: 15 });
  assert.is(ledger.flagsOf(slot), flag.open | flag.fresh);
  assert.is(ledger.upOf(slot), 5, 'the same epoch goes on');
});

test('a full ledger says so, and grown it has every client with its counters', () => {
  let ledger = Ledger.create(10, true);
  let n = 0;
  while (ledger.observe({ mac: n + 1, ip: 1, up: n, down: 1, epoch: 1, open: true }) >= 0) n += 1;
  assert.ok(n >= 10);
  ledger = ledger.grown();
  assert.is(ledger.size, n);
  const up = new Map([...ledger.changed()].map((slot) => [ledger.macOf(slot), ledger.upOf(slot)]));
  for (let i = 0; i < n; i++) assert.is(up.get(i + 1), i);
  assert.ok(ledger.observe({ mac: n + 1, ip: 1, up: 0, down: 0, epoch: 1, open: true }) >= 0);
});

// `restarted` is what a real nodogsplash said before it was stopped, what it said when it was there again, after 2 MB
// more, and after a crash; `anew` what it said between the two, of a gate that was shut and opened.
const recorded = (name: string) => readFileSync(`test/fixtures/portal/nodogsplash-json-all-${name}.json`);

/** Takes in a reply of a life. @returns what it bills, and the flags. */
function look(ledger: Ledger, life: number, name: string): { bytes: number; flags: number } {
  ledger.enter(life);
  const result = book(ledger, new Scanner(nodogsplash), recorded(name));
  assert.ok(result.ok && result.complete);
  const slots = ledger.changed();
  const bytes = slots.reduce((sum, slot) => sum + ledger.upOf(slot) + ledger.downOf(slot), 0);
  const flags = slots.reduce((all, slot) => all | ledger.flagsOf(slot), 0);
  for (const slot of slots) ledger.take(slot, ledger.upOf(slot), ledger.downOf(slot));
  return { bytes, flags };
}

test('what nodogsplash has out of its file is billed once, whenever it comes again', () => {
  const ledger = Ledger.create(4, true);
  assert.is(look(ledger, 1, 'restarted').bytes, 7_312_000);
  assert.equal(look(ledger, 2, 'restarted'), { bytes: 0, flags: flag.open | flag.restored });
  assert.equal(look(ledger, 2, 'restarted'), { bytes: 0, flags: 0 }, 'told once');
  assert.equal(look(ledger, 2, 'anew'), { bytes: 1_040_000, flags: flag.open | flag.reset });
  assert.equal(look(ledger, 3, 'restarted'), { bytes: 0, flags: flag.open | flag.restored | flag.reset });
  assert.equal(
    look(ledger, 3, 'anew'),
    { bytes: 1_040_000, flags: flag.open | flag.reset },
    'in a life it is new',
  );
});

test('clients whom only the file knows have moved nothing', () => {
  const ledger = Ledger.create(4, true);
  look(ledger, 1, 'none');
  assert.is(look(ledger.grown(), 2, 'restarted').bytes, 0);
  assert.is(look(ledger, 0, 'restarted').bytes, 7_312_000, 'unless nobody knows of a restart');
});

test('who appears after all of a life were seen is out of no file, known from before or not', () => {
  for (const isKnown of [true, false]) {
    const ledger = Ledger.create(4, true);
    look(ledger, 1, isKnown ? 'restarted' : 'none');
    look(ledger, 2, 'none');
    assert.equal(look(ledger.grown(), 2, 'anew').bytes, 1_040_000, String(isKnown));
    assert.is(look(ledger, 3, 'restarted').bytes, 0, 'in the next life it may be');
  }
});

test('a look that left somebody out says nothing of who was let in by a restart', () => {
  const client = { mac: 1, ip: 1, up: 10, down: 0, epoch: 1, open: true };
  const ledger = Ledger.create(4, true);
  ledger.enter(1);
  ledger.enter(2);
  ledger.begin();
  ledger.sweep(false);
  const slot = ledger.observe(client);
  assert.is(ledger.upOf(slot), 0);
  assert.is(ledger.flagsOf(slot) & flag.restored, flag.restored);
});

test('a portal that was started after the last run has its counters out of a file', () => {
  for (const [life, bytes] of [
    [900, 1_040_000],
    [1100, 0],
  ] as const) {
    const ledger = Ledger.create(4, true);
    look(ledger, 0, 'restarted');
    ledger.lives.since(1000);
    assert.is(look(ledger, life, 'anew').bytes, bytes);
  }
});

test('one device under several addresses has a row for each', () => {
  const ledger = Ledger.create(4, true);
  const client = { mac: 1, up: 10, down: 0, epoch: 1, open: true };
  const a = ledger.observe({ ...client, ip: 1 });
  const b = ledger.observe({ ...client, ip: 2 });
  assert.is.not(a, b);
  assert.is(ledger.size, 2);
});

test.run();
