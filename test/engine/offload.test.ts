// Flow offload takes packets past the caps: what nobody counts is not sold by the byte.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineParts } from '../../src/engine/parts.js';
import type { Kernel, KernelStatus } from '../../src/ports/kernel.js';
import { mac, world } from './world.js';

function kernelThatIs(state: KernelStatus['state']): NonNullable<EngineParts['kernel']> {
  const nothing = async () => {};
  const kernel: Kernel = {
    ...{ status: { state, error: '', mended: 0 }, read: async () => [], count: async () => undefined },
    ...{ sync: nothing, cut: nothing, audit: nothing, stop: nothing },
  };
  const cadence = { moved: () => {}, forget: () => {}, rates: () => ({ up: 0, down: 0 }), next: () => 1000 };
  return { make: () => kernel, cadence };
}

const codeOf = (reply: { ok: boolean }) => (reply.ok ? 'sold' : (reply as unknown as { code: string }).code);

test('while packets avoid the caps no data is sold, and time is; what runs goes on', async () => {
  const w = await world(undefined, {}, true, kernelThatIs('bypassed'));
  assert.is(codeOf(await w.buy(mac(1), { plan: 'data', gateway: 'lan' })), 'offloaded');
  assert.is(codeOf(await w.buy(mac(1), { plan: 'both', gateway: 'lan' })), 'offloaded');
  assert.is(codeOf(await w.buy(mac(1), { plan: 'time', gateway: 'lan' })), 'sold');
});

test('an owner who allows it sells data all the same', async () => {
  const w = await world(undefined, { allowOffload: true }, true, kernelThatIs('bypassed'));
  assert.is(codeOf(await w.buy(mac(1), { plan: 'data', gateway: 'lan' })), 'sold');
});

test('where the table holds, data is sold', async () => {
  const w = await world(undefined, {}, true, kernelThatIs('on'));
  assert.is(codeOf(await w.buy(mac(1), { plan: 'data', gateway: 'lan' })), 'sold');
});

test.run();
