// The client of @x402/fetch, as it comes, buys at the customers' server; a facilitator of @x402 and a chain behind it.

import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { decodePaymentResponseHeader, wrapFetchWithPaymentFromConfig } from '@x402/fetch';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../packages/simulators/anvil.js';
import { parsePrice } from '../../../src/domain/money.js';
import { purse } from '../../contracts/scene.js';
import { TestPortal } from '../../engine/portal.js';
import { mac, plan, world } from '../../engine/world.js';
import { batchBackend, canRun, deployBatch, onBatchChain } from '../../payments/wallet/x402/batch.js';
import { Room } from '../../payments/wallet/x402/room.js';
import { onChain } from '../../rig/on-chain.js';
import { Stall } from './stage.js';

/** 10 kB a step, for 0.05. */
const data = plan('data', { stepSize: 10_000, prices: [parsePrice('0.05 USD')!] });
let room: Room;
let stall: Stall;

test.before(async () => {
  if (!anvilFile) return;
  room = await Room.start();
  const offer = { plans: new Map([[data.id, data]]), methods: new Map() };
  const w = await world([new TestPortal('lan')], { offer });
  w.backends = [room.exact(), ...(canRun ? [batchBackend(room)] : [])];
  if (canRun) await deployBatch(room);
  await w.crash();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  stall = await Stall.open(w);
});
test.after(async () => {
  await stall?.end();
  await room?.stop();
});

const patiently = <T>(bought: Promise<T>) => stall.patiently(bought, () => room.first.requests.length);

onChain('a stock client of x402 buys access in three lines, and pays what it costs', async () => {
  const schemes = [{ network: 'eip155:*' as const, client: new ExactEvmScheme(room.buyer) }];
  const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes, spendControls: false });
  const response = await patiently(pay(`${stall.origin}/x402/data?steps=10`));
  const { session } = (await response.json()) as { session: { state: string; granted: { bytes: number } } };
  assert.equal([response.status, session.state, session.granted.bytes], [200, 'active', 100_000]);
  assert.ok(stall.w.portal.clients.get(mac(1))?.open);
  const paid = decodePaymentResponseHeader(response.headers.get('PAYMENT-RESPONSE')!);
  assert.equal([paid.success, paid.network], [true, 'eip155:31337']);
  assert.is(paid.payer, room.buyer.address.toLowerCase());
  assert.match(paid.transaction, /^0x[0-9a-f]{64}$/);
  assert.equal(await room.purses(), [purse - 500_000n, 500_000n]);
});

onBatchChain('one with batch-settlement buys twice in three lines, and pays in what each costs', async () => {
  const before = await room.purses();
  const schemes = [{ network: 'eip155:*' as const, client: new BatchSettlementEvmScheme(room.buyer) }];
  const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes, spendControls: false });
  const told: string[] = [];
  for (const steps of [10, 20]) {
    const response = await patiently(pay(`${stall.origin}/x402/data?steps=${steps}`));
    const answer = await response.text();
    assert.is(response.status, 200, answer);
    told.push(decodePaymentResponseHeader(response.headers.get('PAYMENT-RESPONSE')!).transaction);
  }
  assert.is(new Set(told).size, 2);
  const [buyer, seller] = await room.purses();
  assert.equal([before[0]! - buyer!, seller], [1_500_000n, before[1]]);
});

test.run();
