// The whole circle through the engine: a purchase over ubus's commands, WiFi, and the chain's balances at the end.

import type { PaymentRequirements } from '@x402/core/types';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../packages/simulators/anvil.js';
import type { Contract } from '../../../packages/simulators/contract.js';
import { parsePrice } from '../../../src/domain/money.js';
import type { BatchOrder } from '../../../src/payments/wallet/batch/order.js';
import type { DepositScheme } from '../../../src/ports/deposit-scheme.js';
import { purse } from '../../contracts/scene.js';
import { TestPortal } from '../../engine/portal.js';
import { mac, plan, type World, world } from '../../engine/world.js';
import { onChain } from '../../rig/on-chain.js';
import { until } from '../../rig/until.js';
import { batchBackend, ChannelWallet, canRun, deployBatch, onBatchChain } from './x402/batch.js';
import { payWith, Room } from './x402/room.js';

const one = mac(1);
/** A step is 10 bytes and costs the smallest unit there is: 1.00 buys 10 MB. */
const fine = plan('fine', { stepSize: 10, prices: [parsePrice('0.000001 USD')!], maxSteps: 1_000_000 });
let room: Room;
let contract: Contract;
let undo: () => Promise<void>;

test.before(async () => {
  if (!anvilFile) return;
  room = await Room.start();
  if (canRun) contract = await deployBatch(room);
});
test.before.each(async () => {
  undo = (await room?.chain.snapshot()) ?? (async () => {});
});
test.after.each(async () => {
  room?.heal();
  await undo();
});
test.after(() => room?.stop());

async function ready(backend: () => DepositScheme): Promise<World> {
  const offer = { plans: new Map([[fine.id, fine]]), methods: new Map() };
  const w = await world([new TestPortal('lan')], { offer });
  await restart(w, backend);
  w.portal.join(one);
  await w.clock.pass(1001);
  return w;
}

/** The router dies and comes back: what it knows is what it has written. */
async function restart(w: World, backend: () => DepositScheme): Promise<void> {
  w.backends = [backend()];
  await w.crash();
  await w.clock.pass(1001);
}

/** A million steps. */
async function purchase(w: World, pay: (asked: PaymentRequirements) => Promise<unknown>): Promise<void> {
  const [backend] = w.backends;
  const asked = backend!.requirements({ units: 1_000_000n, unitPrice: 1n, description: fine.title });
  const payment = { method: backend!.name, payload: await pay(asked as PaymentRequirements) };
  void w.commands.purchase({ mac: one, plan: fine.id, steps: 1_000_000, payment, key: 'k' });
}

const deposits = (w: World) => [...w.engine.accounts.book.deposits.all()];
const stateOf = (w: World) => deposits(w)[0]?.state;

/** The clock of the router goes on until it is so; the chain and the facilitators take the time that they take. */
function passUntil(w: World, is: () => boolean): Promise<true> {
  const look = async () => {
    await w.clock.pass(500);
    return is();
  };
  return until(`${is}`, look, () => [deposits(w), w.log]);
}

const isOpen = (w: World) => () => w.portal.clients.get(one)?.open === true;

onChain('x402-exact: a package is bought, whatever is lost on the way, and paid for once', async () => {
  const backend = () => room.exact({ finality: 2 });
  const w = await ready(backend);
  room.first.next('/settle', 'back');
  room.node.lose = (method) => (method === 'eth_getLogs' ? 'there' : undefined);
  await purchase(w, (asked) => payWith(room.buyer, asked));
  await passUntil(w, () => stateOf(w) === 'open-unknown');
  assert.not(isOpen(w)());
  room.node.lose = () => undefined;
  await room.first.stop();
  await restart(w, backend);
  await passUntil(w, isOpen(w));
  await room.first.listen();
  assert.is(stateOf(w), 'active', 'not deep enough yet');
  await room.chain.mine(2);
  await passUntil(w, () => stateOf(w) === 'closed');
  assert.is(deposits(w)[0]?.closed?.sellerAmount, '1000000');
  assert.is(deposits(w).length, 1);
  assert.equal(await room.purses(), [purse - 1_000_000n, 1_000_000n]);
});

onChain('x402-exact: a chain that loses the payment has it again, and the customer stays on', async () => {
  const w = await ready(() => room.exact({ finality: 2 }));
  const back = await room.chain.snapshot();
  await purchase(w, (asked) => payWith(room.buyer, asked));
  await passUntil(w, isOpen(w));
  await back();
  assert.equal(await room.purses(), room.full);
  // Not by its state, which is over before it is seen.
  await passUntil(w, () => w.log.some((text) => text.includes('the chain has lost the deposit')));
  await passUntil(w, () => stateOf(w) === 'active');
  assert.ok(isOpen(w)());
  assert.equal(await room.purses(), [purse - 1_000_000n, 1_000_000n]);
});

onBatchChain(
  'x402-batch: 31.2345% of 1.00 is used, and the seller has exactly that, also when all die',
  async () => {
    const backend = () => batchBackend(room);
    const w = await ready(backend);
    const wallet = new ChannelWallet();
    room.first.next('/settle', 'back');
    await purchase(w, (asked) => wallet.pay(asked));
    await passUntil(w, isOpen(w));
    w.portal.carry(one, 123_450, 3_000_000);
    await w.clock.pass(1001);
    await room.first.stop();
    await restart(w, backend);
    await room.second.stop();
    const [session] = w.engine.accounts.book.runningOfMac(one);
    await w.commands.close(session!.id, 'user');
    await passUntil(w, () => stateOf(w) === 'close-unknown');
    await restart(w, backend);
    room.second.next('/settle', 'back');
    await room.second.listen();
    await passUntil(w, () => stateOf(w) === 'closed');
    await room.first.listen();
    const { closed } = deposits(w)[0]!;
    assert.equal([closed?.sellerAmount, closed?.buyerRefund], ['312345', '687655']);
    assert.equal(await room.purses(), [purse - 312_345n, 312_345n]);
  },
);

onBatchChain('x402-batch: no more is served than was signed, and a further voucher adds to it', async () => {
  const w = await ready(() => batchBackend(room));
  const wallet = new ChannelWallet();
  await purchase(w, (asked) => wallet.payPart(asked, 100_000n));
  await passUntil(w, isOpen(w));
  const [session] = w.engine.accounts.book.runningOfMac(one);
  assert.is(session?.granted.bytes, 1_000_000);
  const voucher = await wallet.voucher(deposits(w)[0]!.id as `0x${string}`, 150_000n);
  const signed = await w.commands.sign(session!.id, { voucher }, 's1');
  assert.ok(signed.ok);
  assert.is(signed.value.granted.bytes, 1_500_000);
  w.portal.carry(one, 0, 5_000_000);
  await passUntil(w, () => stateOf(w) === 'closed');
  assert.equal(await room.purses(), [purse - 150_000n, 150_000n]);
});

onBatchChain('x402-batch: what was charged is the seller’s, though the router never comes back', async () => {
  const w = await ready(() => batchBackend(room));
  await purchase(w, (asked) => new ChannelWallet().pay(asked));
  await passUntil(w, isOpen(w));
  w.rounds.chargeMs = 60_000;
  w.portal.carry(one, 123_450, 3_000_000);
  await passUntil(w, () => deposits(w)[0]?.consumed === '312345');
  assert.ok(isOpen(w)());
  w.rounds.stop();
  await w.engine.stop();
  const { channelConfig } = deposits(w)[0]!.order.payload as BatchOrder;
  const { buyer, seller, stranger, token } = room.scene;
  await contract.must(buyer.address, 'initiateWithdraw', channelConfig, 1_000_000n - 312_345n);
  await room.chain.pass(channelConfig.withdrawDelay);
  await contract.must(buyer.address, 'finalizeWithdraw', channelConfig);
  await contract.must(stranger, 'settle', seller.address, token.address);
  assert.equal(await room.purses(), [purse - 312_345n, 312_345n]);
});

test.run();
