// When the table is made anew, on a table in memory. What others may do to the real one is in the system tests.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import { Backstop } from '../../src/kernel/backstop.js';
import { type Nft, NftError } from '../../src/kernel/nft.js';
import { Kernel } from './simulated.js';

const hold = (total: number): Hold => ({
  id: 'a',
  addresses: ['10.0.0.1'],
  cut: false,
  caps: { total },
  used: { total: 0, up: 0, down: 0 },
  rates: { up: 512 },
});

async function ready(nft?: (kernel: Kernel) => Nft) {
  const kernel = new Kernel();
  const wanted = [hold(1000)];
  const backstop = new Backstop(nft?.(kernel) ?? kernel.nft, () => wanted);
  await backstop.sync();
  kernel.quotas.get('t_a')!.used = 700;
  kernel.counters.set('c_a', 700);
  return { kernel, wanted, backstop };
}

test('a script that nft refuses: the top-up is in the kernel all the same, with what was counted', async () => {
  let refusals = 1;
  const { kernel, wanted, backstop } = await ready((real) => async (args, script = '') => {
    const isChange = script.startsWith('add quota') && refusals-- > 0;
    if (isChange) throw new NftError('refused', 'Could not process rule: No such file or directory');
    return real.nft(args, script);
  });
  wanted[0] = hold(3000);
  await backstop.sync();
  assert.is(refusals, 0);
  assert.is(backstop.status.state, 'on', backstop.status.error);
  assert.equal(kernel.quotas.get('t_a'), { bytes: 3000, used: 700 });
});

test('a table that nft cannot list is made anew, with what was counted', async () => {
  const { kernel, backstop } = await ready();
  const before = kernel.scripts.length;
  kernel.isUnlistable = true;
  await backstop.audit();
  assert.is(backstop.status.state, 'on', backstop.status.error);
  assert.is(kernel.scripts.length, before + 1);
  assert.equal(kernel.quotas.get('t_a'), { bytes: 1000, used: 700 });
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 700, spent: {} }]);
});

test('an nft that prints limits in another way does not have the table written at each audit', async () => {
  const { kernel, backstop } = await ready();
  kernel.isTerse = true;
  await backstop.audit();
  const before = kernel.scripts.length;
  for (let i = 0; i < 3; i++) await backstop.audit();
  assert.is(kernel.scripts.length, before);
  assert.is(backstop.status.state, 'on');
});

test('what the kernel had counted before somebody set it back is what it says', async () => {
  const { kernel, backstop } = await ready();
  await backstop.audit();
  kernel.quotas.get('t_a')!.used = 0;
  kernel.counters.set('c_a', 10);
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 700, spent: {} }]);
  assert.is(backstop.status.mended, 1);
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 700, spent: {} }]);
  assert.is(backstop.status.mended, 1);
});

test('nft that is late is no reason to make the table anew', async () => {
  let isLate = false;
  const { kernel, backstop } = await ready((real) => async (args, script) => {
    if (isLate) throw new NftError('timeout', 'nft was not done within 10 s');
    return real.nft(args, script);
  });
  const before = kernel.scripts.length;
  isLate = true;
  await backstop.audit();
  assert.is(backstop.status.state, 'failed');
  isLate = false;
  assert.equal(await backstop.audit(), [{ id: 'a', bytes: 700, spent: {} }]);
  assert.is(kernel.scripts.length, before);
  assert.is(backstop.status.mended, 0);
});

test.run();
