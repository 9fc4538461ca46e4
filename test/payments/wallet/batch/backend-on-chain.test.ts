// x402-batch against the facilitator and the contracts of x402 on a chain, with faults between all of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainId } from '../../../../packages/simulators/anvil.js';
import type { Contract } from '../../../../packages/simulators/contract.js';
import type { Opened, Outcome } from '../../../../src/domain/deposit-scheme.js';
import type { BatchBackend } from '../../../../src/payments/wallet/batch/backend.js';
import { batchSeparator, channelIdOf, voucherDigest } from '../../../../src/payments/wallet/batch/channel.js';
import type { BatchOrder } from '../../../../src/payments/wallet/batch/order.js';
import { purse } from '../../../contracts/scene.js';
import {
  type Bought,
  batchBackend,
  buy,
  ChannelWallet,
  canRun,
  deployBatch,
  onBatchChain,
  sign,
} from '../x402/batch.js';
import { garbled } from '../x402/garbled.js';
import { Room, untilKnown, wares } from '../x402/room.js';

let room: Room;
let contract: Contract;
let undo: () => Promise<void>;

test.before(async () => {
  if (!canRun) return;
  room = await Room.start();
  contract = await deployBatch(room);
});
test.before.each(async () => {
  undo = (await room?.chain.snapshot()) ?? (async () => {});
});
test.after.each(async () => {
  room?.heal();
  await undo();
});
test.after(() => room?.stop());

const told = <T>(outcome: Outcome<T>) =>
  outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;
const channelOf = ({ order }: Bought) => (order.payload as BatchOrder).channelConfig;
/** Seconds on the chain. */
const day = 86_400;

function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'confirmed') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

async function opened(backend: BatchBackend, units?: bigint): Promise<{ bought: Bought; opened: Opened }> {
  const bought = await buy(backend, units);
  return { bought, opened: value(await untilKnown(() => backend.open(bought.order))) };
}

/** What buyer and seller have, and what the contract holds. */
async function purses(): Promise<bigint[]> {
  return [...(await room.purses()), await room.scene.balance(contract.address)];
}

/** What the router asks its node for, and the facilitator its own. */
const nodeCalls = [
  ...['eth_call', 'eth_getBlockByNumber', 'eth_getLogs', 'eth_getTransactionReceipt'].map(
    (method) => ['node', method] as const,
  ),
  ...['eth_call', 'eth_sendRawTransaction', 'eth_getTransactionReceipt'].map(
    (method) => ['theirs', method] as const,
  ),
];

onBatchChain('digests and ids made here are those of the contract', async () => {
  const bought = await buy(batchBackend(room));
  const separator = batchSeparator(BigInt(chainId));
  assert.is(
    await contract.read('getChannelId', channelOf(bought)),
    channelIdOf(separator, channelOf(bought)),
  );
  const id = bought.order.id as `0x${string}`;
  assert.is(await contract.read('getVoucherDigest', id, 7n), voucherDigest(separator, id, 7n));
});

onBatchChain('a deposit is used in part: exactly that is the seller’s, and the rest goes back', async () => {
  const backend = batchBackend(room);
  const { bought, opened: there } = await opened(backend, 4n);
  const { order } = bought;
  assert.equal(await purses(), [purse - 500_000n, 0n, 500_000n]);
  const now = Number(await room.chain.now());
  assert.is(there.serveUntil, (now + day - 600) * 1000);
  assert.is(bought.signed.units, '4');
  const more = await sign(backend, bought, there, 8n);
  assert.is(value(await backend.consume(order, there, bought.signed, '3')), '3');
  assert.is(value(await backend.consume(order, there, bought.signed, '3')), '3', 'once');
  assert.is((value(await backend.look(order)) as { consumed: string }).consumed, '3');
  const closed = value(await backend.close(order, there, more, '7'));
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['350000', '150000']);
  assert.equal(await purses(), [purse - 350_000n, 350_000n, 0n]);
  assert.equal(value(await backend.close(order, there, more, '7')), closed, 'the same again');
  // The payout has a block of its own, behind that of the refund.
  assert.equal(value(await backend.look(order)), { is: 'closed', closed, confirmations: 1 });
  assert.is(told(await backend.open(order)), 'rejected channel_closed');
  assert.equal(await purses(), [purse - 350_000n, 350_000n, 0n]);
});

onBatchChain('nothing used: all goes back; all used: nothing does', async () => {
  const backend = batchBackend(room);
  const none = await opened(backend);
  value(await backend.close(none.bought.order, none.opened, none.bought.signed, '0'));
  assert.equal(await purses(), [purse, 0n, 0n]);
  const all = await opened(backend);
  assert.is(value(await backend.consume(all.bought.order, all.opened, all.bought.signed, '10')), '10');
  const state = value(await backend.look(all.bought.order));
  assert.is(state.is, 'open', 'what was claimed is not paid out yet');
  value(await backend.close(all.bought.order, all.opened, all.bought.signed, '10'));
  assert.equal(await purses(), [purse - 500_000n, 500_000n, 0n]);
});

onBatchChain('a larger deposit than was asked for goes back too', async () => {
  const backend = batchBackend(room);
  const asked = backend.requirements(wares);
  const extra = { ...asked.extra, minDeposit: '900000' };
  const payload = await new ChannelWallet().pay({ ...asked, extra });
  const read = await backend.read({ payload }, wares);
  assert.ok(read.ok);
  const { order, signed } = read.value;
  const there = value(await backend.open(order));
  assert.equal(await purses(), [purse - 900_000n, 0n, 900_000n]);
  const closed = value(await backend.close(order, there, signed, '10'));
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['500000', '400000']);
  assert.equal(await purses(), [purse - 500_000n, 500_000n, 0n]);
});

onBatchChain('a channel is for one purchase: neither a second deposit nor an old one is served', async () => {
  const backend = batchBackend(room);
  const { bought } = await opened(backend);
  const again = await bought.wallet.pay((bought.order.payload as BatchOrder).asked);
  const later = batchBackend(room);
  const second = await later.read({ payload: again }, wares);
  assert.ok(second.ok);
  assert.is(second.value.order.id, bought.order.id, 'the same order');
  assert.is(told(await later.open(second.value.order)), 'rejected channel_in_use');
  const unsure = batchBackend(room);
  assert.is(told(await unsure.open(second.value.order)), 'unknown', 'another run may have sent it');
  await room.chain.pass(1100);
  assert.is(told(await unsure.open(second.value.order)), 'rejected expired_authorization');
});

onBatchChain('a deposit that was made before it came to us is not ours', async () => {
  const [other, backend] = [batchBackend(room), batchBackend(room)];
  const bought = await buy(other);
  const { asked, channelConfig, deposit, voucher } = bought.order.payload as BatchOrder;
  const payload = { type: 'deposit', channelConfig, deposit, voucher };
  const again = { x402Version: 2, accepted: asked, payload };
  const read = await backend.read({ payload: again }, wares);
  assert.ok(read.ok);
  value(await other.open(bought.order));
  assert.is(told(await backend.open(read.value.order)), 'rejected nonce_already_used');
});

onBatchChain('whatever a facilitator answers at any step, the sums are exact', async () => {
  for (const [name, fault] of Object.entries(garbled)) {
    const before = await purses();
    const backend = batchBackend(room);
    const bought = await buy(backend, 6n);
    const { order, signed } = bought;
    room.first.next('/settle', fault);
    const first = await backend.open(order);
    assert.is.not(first.kind, 'rejected', `${name}: ${told(first)}`);
    const there = value(await untilKnown(() => backend.open(order)));
    room.first.next('/settle', fault);
    value(await untilKnown(() => backend.consume(order, there, signed, '3')));
    room.first.next('/settle', fault);
    value(await untilKnown(() => backend.close(order, there, signed, '5')));
    const [buyer, seller, held] = await purses();
    assert.equal([buyer! - before[0]!, seller! - before[1]!, held], [-250_000n, 250_000n, 0n], name);
  }
});

onBatchChain(
  'a call to a node is lost, of the router or of the facilitator: the sums are exact',
  async () => {
    for (const [whose, method] of nodeCalls) {
      for (const loss of ['there', 'back'] as const) {
        const before = await purses();
        const backend = batchBackend(room);
        const { order, signed } = await buy(backend);
        let lost = 0;
        const loseOne = () => {
          let isNext = true;
          room[whose].lose = (called) => {
            if (!isNext || called !== method) return undefined;
            isNext = false;
            lost += 1;
            return loss;
          };
        };
        loseOne();
        const there = value(await untilKnown(() => backend.open(order)));
        loseOne();
        value(await untilKnown(() => backend.consume(order, there, signed, '2')));
        loseOne();
        value(await untilKnown(() => backend.close(order, there, signed, '3')));
        const [buyer, seller, held] = await purses();
        const moved = [buyer! - before[0]!, seller! - before[1]!, held];
        assert.equal(moved, [-150_000n, 150_000n, 0n], `${method} ${loss}`);
        assert.ok(lost > 0, `${whose} ${method} is called`);
      }
    }
  },
);

onBatchChain(
  'a payer who takes his money back waits until all that was served could be claimed',
  async () => {
    const backend = batchBackend(room, { withdrawDelaySeconds: 3600 });
    const { bought, opened: there } = await opened(backend);
    const { order, signed } = bought;
    const { buyer } = room.scene;
    await contract.must(buyer.address, 'initiateWithdraw', channelOf(bought), 500_000n);
    assert.ok(there.serveUntil! <= (Number(await room.chain.now()) + 3600 - 600) * 1000);
    await room.chain.pass(3000);
    const early = await contract.send(buyer.address, 'finalizeWithdraw', channelOf(bought));
    assert.equal(early, { ok: false, reason: 'WithdrawDelayNotElapsed' });
    value(await backend.close(order, there, signed, '9'));
    assert.equal(await purses(), [purse - 450_000n, 450_000n, 0n]);
  },
);

onBatchChain(
  'a router that was away for too long: what was claimed before stays, the loss is told',
  async () => {
    const backend = batchBackend(room, { withdrawDelaySeconds: 900 });
    const { bought, opened: there } = await opened(backend);
    const { order, signed } = bought;
    value(await backend.consume(order, there, signed, '2'));
    const { buyer } = room.scene;
    await contract.must(buyer.address, 'initiateWithdraw', channelOf(bought), 400_000n);
    await room.chain.pass(901);
    await contract.must(buyer.address, 'finalizeWithdraw', channelOf(bought));
    assert.is(
      told(await untilKnown(() => backend.close(order, there, signed, '9'))),
      'rejected withdrawn_by_payer',
    );
    assert.equal(await purses(), [purse - 100_000n, 100_000n, 0n], 'paid out all the same');
    const state = value(await backend.look(order));
    assert.ok(state.is === 'closed');
    assert.equal([state.closed.sellerAmount, state.closed.buyerRefund], ['100000', '400000']);
  },
);

onBatchChain('a deposit that the chain loses is sent again, also while it is closed', async () => {
  const backend = batchBackend(room);
  const bought = await buy(backend);
  const { order, signed } = bought;
  const back = await room.chain.snapshot();
  const there = value(await backend.open(order));
  await back();
  assert.equal(value(await backend.look(order)), { is: 'gone' });
  const again = await room.chain.snapshot();
  value(await backend.open(order));
  assert.equal(await purses(), [purse - 500_000n, 0n, 500_000n]);
  await again();
  value(await untilKnown(() => backend.close(order, there, signed, '3')));
  assert.equal(await purses(), [purse - 150_000n, 150_000n, 0n]);
});

onBatchChain('what was ordered is settled as it was ordered, whatever is configured since', async () => {
  const { bought, opened: there } = await opened(batchBackend(room));
  const { order, signed } = bought;
  const other = batchBackend(room, { key: `0x${'66'.repeat(32)}` });
  assert.is(told(await other.close(order, there, signed, '3')), 'unknown');
  assert.is(told(await other.look(order)), 'unknown', 'it is not gone');
  const changed = batchBackend(room, { payTo: `0x${'bb'.repeat(20)}`, withdrawDelaySeconds: 7200 });
  value(await changed.close(order, there, signed, '3'));
  assert.equal(await purses(), [purse - 150_000n, 150_000n, 0n]);
});

onBatchChain('a channel is closed when it has its confirmations', async () => {
  const backend = batchBackend(room, { finality: 3 });
  const { bought, opened: there } = await opened(backend);
  assert.is(told(await backend.close(bought.order, there, bought.signed, '1')), 'pending');
  await room.chain.mine(3);
  assert.is(told(await backend.close(bought.order, there, bought.signed, '1')), 'confirmed');
  assert.equal(await purses(), [purse - 50_000n, 50_000n, 0n]);
});

onBatchChain('a payer whom the token has blocked: the seller has his part, the rest waits', async () => {
  const backend = batchBackend(room);
  const { bought, opened: there } = await opened(backend);
  const { order, signed } = bought;
  const { token, buyer, stranger } = room.scene;
  await token.must(stranger, 'setBlocked', buyer.address, true);
  assert.is(told(await backend.close(order, there, signed, '3')), 'unknown');
  assert.equal(await purses(), [purse - 500_000n, 150_000n, 350_000n]);
  await token.must(stranger, 'setBlocked', buyer.address, false);
  value(await backend.close(order, there, signed, '3'));
  assert.equal(await purses(), [purse - 150_000n, 150_000n, 0n]);
});

onBatchChain('several channels at once: each is settled for itself', async () => {
  const backend = batchBackend(room);
  const all = [await opened(backend), await opened(backend), await opened(backend)];
  for (const [i, { bought, opened: there }] of all.entries()) {
    value(await untilKnown(() => backend.consume(bought.order, there, bought.signed, `${i}`)));
  }
  await Promise.all(
    all.map(({ bought, opened: there }, i) =>
      untilKnown(() => backend.close(bought.order, there, bought.signed, `${i + 2}`)),
    ),
  );
  assert.equal(await purses(), [purse - 450_000n, 450_000n, 0n]);
});

test.run();
