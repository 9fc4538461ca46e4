// A quota in the kernel counts the packets that it drops, too. What a customer has of that.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NftError } from '../../src/kernel/nft.js';
import { largestPacket } from '../../src/kernel/piece.js';
import fc from '../rig/properties.js';
import { hold, ready } from './wanted.js';

type Step =
  | { what: 'packet'; way: 'up' | 'down'; bytes: number }
  | { what: 'top-up'; bytes: number }
  | { what: 'read' | 'audit' | 'fail' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('packet' as const),
      way: fc.constantFrom('up', 'down'),
      bytes: fc.integer({ min: 40, max: largestPacket }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('top-up' as const),
      bytes: fc.integer({ min: 1, max: 400_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('read' as const, 'audit' as const, 'fail' as const) }),
  },
);

const caps = (total: number, oneWay: boolean) =>
  oneWay ? { total, up: Math.ceil(total / 2), down: total } : { total };

test('never more than was bought passes, and after any top-ups all of it but less than one packet can', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(anyStep, { maxLength: 60 }), async (oneWay, steps) => {
      let granted = 300_000;
      const { kernel, wish, table, move, told } = await ready(hold('a', { caps: caps(granted, oneWay) }));
      const passed = { up: 0, down: 0 };
      const packet = (way: 'up' | 'down', bytes: number) => {
        if (move('a', way, bytes)) passed[way] += bytes;
      };
      for (const step of steps) {
        if (step.what === 'packet') packet(step.way, step.bytes);
        else if (step.what === 'top-up') {
          granted += step.bytes;
          wish.put(hold('a', { caps: caps(granted, oneWay) }));
          await table.sync(['a']);
        } else if (step.what === 'audit') await table.audit();
        else {
          // A change that fails, as when the machine is busy: the next call makes up for it.
          if (step.what === 'fail') {
            kernel.before = () => {
              throw new NftError('timeout', 'nft was not done within 30 s');
            };
          }
          await told();
          kernel.before = () => {};
        }
        assert.ok(passed.up + passed.down < granted, `${passed.up + passed.down} of ${granted}`);
        if (oneWay) assert.ok(passed.up < granted / 2 + 1);
      }
      // A customer who goes on: large packets, then small ones. A look in between is what an engine does all the time.
      await table.audit();
      const end = () => granted - passed.up - passed.down;
      let isEnded = false;
      for (let tries = 0; end() >= largestPacket && !isEnded && tries < 200; tries++) {
        packet('down', 40_000);
        isEnded = (await told()).get('a')?.spent.up !== undefined;
      }
      assert.ok(isEnded || end() < largestPacket, `${end()} bytes of ${granted} cannot pass`);
      if (isEnded) assert.ok(granted / 2 - passed.up < largestPacket, 'the cap of the way up');
      const { up, down } = (await table.count('a'))!;
      assert.equal({ up, down }, passed, 'what is billed is what passed');
    }),
    { numRuns: 150 },
  );
});

test('a top-up in the moment of the cap delivers all of it', async () => {
  const { wish, table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  let passed = 0;
  const flood = (packets: number) => {
    for (let i = 0; i < packets; i++) if (move('a', 'down', 64_000)) passed += 64_000;
  };
  flood(40);
  assert.is(passed, 960_000);
  await told();
  flood(40);
  wish.put(hold('a', { caps: { total: 2_000_000 } }));
  await table.sync(['a']);
  flood(40);
  assert.is(passed, 31 * 64_000, 'what was dropped is not used up');
  await told();
  flood(1);
  assert.equal((await told()).get('a'), { up: 0, down: passed, spent: { total: 2_000_000 } });
});

test('what a large packet was too large for, smaller ones have, and then the cap is reached', async () => {
  const { table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  let passed = 0;
  const flood = (bytes: number) => {
    for (let i = 0; i < 20; i++) if (move('a', 'down', bytes)) passed += bytes;
  };
  flood(60_000);
  assert.equal((await told()).get('a')?.spent, {}, '40,000 bytes are left');
  for (let looks = 0; looks < 3; looks++) {
    flood(1_500);
    await told();
  }
  assert.is(passed, 960_000 + 26 * 1_500);
  flood(1_500);
  assert.equal((await told()).get('a')?.spent, { total: 1_000_000 });
  assert.is((await table.count('a'))?.down, passed);
});

test('what passed before a look that came just before the cap was found counts, too', async () => {
  const { kernel, table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  for (let i = 0; i < 15; i++) move('a', 'down', 60_000);
  // Quotas are read first: the last packet that passes, and the one that does not, come before the counters are.
  kernel.before = (_, script) => {
    if (!/^list counter/m.test(script)) return;
    kernel.before = () => {};
    move('a', 'down', 60_000);
    move('a', 'down', 60_000);
  };
  assert.equal((await told()).get('a')?.spent, {});
  assert.is((await table.count('a'))?.down, 960_000);
  assert.equal((await told()).get('a')?.spent ?? {}, {}, '40,000 bytes are left');
  assert.ok(move('a', 'down', 1_500));
});

test('who sends nothing but packets that are too large has reached the cap', async () => {
  const { move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  const flood = () => {
    for (let i = 0; i < 20; i++) move('a', 'down', 60_000);
  };
  flood();
  assert.equal((await told()).get('a')?.spent, {});
  flood();
  assert.equal((await told()).get('a')?.spent, { total: 1_000_000 });
});

test('a comparison in the moment of the cap takes nothing from what smaller packets have', async () => {
  const { table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  for (let i = 0; i < 20; i++) move('a', 'down', 60_000);
  await table.audit();
  assert.equal((await told()).get('a')?.spent, {}, '40,000 bytes are left');
  for (let i = 0; i < 20; i++) move('a', 'down', 1_500);
  await table.audit();
  move('a', 'down', 60_000);
  await table.audit();
  assert.equal((await told()).get('a')?.spent, {}, '10,000 bytes are left');
});

test('packets dropped between the look at a quota and its top-up are made up for at once', async () => {
  const { kernel, wish, table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  move('a', 'down', 900_000);
  await told();
  // The cap is reached after nft was asked, and before the change: the quota keeps what it drops.
  kernel.before = (_, script) => {
    if (!script.startsWith('add quota')) return;
    kernel.before = () => {};
    for (let i = 0; i < 10; i++) move('a', 'down', 60_000);
  };
  wish.put(hold('a', { caps: { total: 2_000_000 } }));
  await table.sync(['a']);
  let passed = 0;
  while (move('a', 'down', 60_000)) passed += 60_000;
  assert.ok(passed + 960_000 > 2_000_000 - largestPacket, `${passed + 960_000} passed`);
});

test('a top-up at a cap that nobody knew to be reached lets on at once, and all of it by the next look', async () => {
  const { wish, table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  let passed = 0;
  const flood = () => {
    for (let i = 0; i < 18; i++) if (move('a', 'down', 60_000)) passed += 60_000;
  };
  flood();
  wish.put(hold('a', { caps: { total: 2_000_000 } }));
  await table.sync(['a']);
  flood();
  assert.ok(passed > 1_500_000, `${passed} before the next look`);
  await told();
  flood();
  assert.ok(passed > 2_000_000 - largestPacket && passed < 2_000_000, `${passed} of 2,000,000`);
});

test('a top-up of a session far from its cap costs one call of nft', async () => {
  const { kernel, wish, table, move } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  move('a', 'down', 10_000);
  let calls = 0;
  kernel.before = () => {
    calls += 1;
  };
  wish.put(hold('a', { caps: { total: 2_000_000 } }));
  await table.sync(['a']);
  assert.is(calls, 1);
});

test('a top-up while nft cannot be asked ends as late as it should', async () => {
  const { kernel, wish, table, move, told } = await ready(hold('a', { caps: { total: 1_000_000 } }));
  let passed = 0;
  const flood = () => {
    for (let i = 0; i < 30; i++) if (move('a', 'down', 60_000)) passed += 60_000;
  };
  flood();
  kernel.before = () => {
    throw new NftError('timeout', 'nft was not done within 30 s');
  };
  wish.put(hold('a', { caps: { total: 3_000_000 } }));
  await table.sync(['a']);
  assert.is(table.status.state, 'failed');
  kernel.before = () => {};
  for (let looks = 0; looks < 4; looks++) {
    await told();
    flood();
  }
  assert.ok(passed > 3_000_000 - largestPacket, `${passed} of 3,000,000 passed`);
});

test.run();
