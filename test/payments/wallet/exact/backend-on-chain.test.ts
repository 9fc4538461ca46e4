// x402-exact against the facilitator of @x402 on a chain, with faults between all of them: nothing is paid twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../../packages/simulators/anvil.js';
import type { Outcome, PaymentOrder } from '../../../../src/domain/deposit-scheme.js';
import { ChainReader } from '../../../../src/payments/wallet/chain-reader.js';
import type { ExactOrder } from '../../../../src/payments/wallet/exact/order.js';
import { httpRpc } from '../../../../src/payments/wallet/rpc.js';
import { purse } from '../../../contracts/scene.js';
import { onChain } from '../../../rig/on-chain.js';
import { garbled } from '../x402/garbled.js';
import { payWith, price, Room, untilKnown, wares } from '../x402/room.js';
import type { Fault } from '../x402/server.js';

const state = mkdtempSync(join(tmpdir(), 'turnpike-'));
let room: Room;
let undo: () => Promise<void>;

test.before(async () => {
  if (anvilFile) room = await Room.start('--state', join(state, 'state.json'));
});
test.before.each(async () => {
  undo = (await room?.chain.snapshot()) ?? (async () => {});
});
test.after.each(async () => {
  room?.heal();
  await undo();
});
test.after(async () => {
  await room?.stop();
  rmSync(state, { recursive: true });
});

const authorizationOf = ({ payload }: PaymentOrder) => (payload as ExactOrder).payload.authorization;
const told = <T>(outcome: Outcome<T>) =>
  outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;

/** What the router asks its node for, and the facilitator its own. */
const nodeCalls = [
  ...['eth_call', 'eth_getBlockByNumber', 'eth_getLogs', 'eth_getTransactionReceipt'].map(
    (method) => ['node', method] as const,
  ),
  ...['eth_call', 'eth_getCode', 'eth_sendRawTransaction', 'eth_getTransactionReceipt'].map(
    (method) => ['theirs', method] as const,
  ),
];

onChain('a package is paid: exactly its price goes from the buyer to the seller, and stays', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  const opened = await backend.open(order);
  assert.is(opened.kind, 'confirmed', JSON.stringify(opened));
  if (opened.kind !== 'confirmed') return;
  assert.is(opened.value.final, true);
  assert.equal(await room.purses(), [purse - price, price]);
  assert.ok((await room.reader.receipt(opened.value.transaction as `0x${string}`))?.ok);
  assert.equal(await backend.consume(order), { kind: 'confirmed', value: '10' });
  const { transaction } = opened.value;
  assert.equal(await backend.close(order, opened.value), {
    kind: 'confirmed',
    value: { transaction, sellerAmount: '500000', buyerRefund: '0' },
  });
  const reconciled = await backend.look(order);
  assert.equal(reconciled, {
    kind: 'confirmed',
    value: { is: 'open', opened: opened.value, consumed: '10', confirmations: 0 },
  });
  assert.equal(await backend.open(order), opened, 'the same again');
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('whatever a facilitator answers to a settlement, it is paid once', async () => {
  for (const [name, fault] of Object.entries(garbled)) {
    const [, before] = await room.purses();
    const backend = room.exact();
    const order = await room.order(backend);
    room.first.next('/settle', fault);
    const first = await backend.open(order);
    assert.is.not(first.kind, 'rejected', `${name}: ${told(first)}`);
    assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed', name);
    const [, after] = await room.purses();
    assert.is(after! - before!, price, name);
  }
});

onChain('whatever a facilitator answers to a verification, it is paid once', async () => {
  for (const [name, fault] of Object.entries(garbled)) {
    const [, before] = await room.purses();
    const backend = room.exact();
    const order = await room.order(backend);
    room.first.next('/verify', fault);
    assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed', name);
    const [, after] = await room.purses();
    assert.is(after! - before!, price, name);
  }
});

onChain(
  'a call to a node is lost, of the router or of the facilitator, there or back: paid once',
  async () => {
    const [, before] = await room.purses();
    let paid = 0n;
    for (const [whose, method] of nodeCalls) {
      for (const loss of ['there', 'back'] as const) {
        const backend = room.exact();
        const order = await room.order(backend);
        let lost = 0;
        room[whose].lose = (called) => (called === method && lost++ === 0 ? loss : undefined);
        assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed', `${method} ${loss}`);
        assert.ok(lost > 0, `${whose} ${method} is called`);
        paid += price;
      }
    }
    const [, after] = await room.purses();
    assert.is(after! - before!, paid);
  },
);

onChain('a facilitator that is not there: the next one is asked, in the same call', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  await room.first.stop();
  assert.is(told(await backend.open(order)), 'confirmed');
  await room.first.listen();
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('no facilitator at all: unknown, and paid when one is back', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  await Promise.all([room.first.stop(), room.second.stop()]);
  assert.is(told(await backend.open(order)), 'unknown');
  await room.first.listen();
  assert.is(told(await backend.open(order)), 'confirmed');
  await room.second.listen();
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('a facilitator that is killed while it settles: the other one finds it done', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  const sent = room.theirs.loseNext('eth_getTransactionReceipt', 'there');
  const outcome = backend.open(order);
  await sent;
  await room.first.stop();
  assert.ok(['confirmed', 'unknown'].includes(told(await outcome)));
  assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed');
  await room.first.listen();
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('another run of the router, which cannot know what was sent, finds it on the chain', async () => {
  const order = await room.order(room.exact());
  const [earlier, later] = [room.exact(), room.exact()];
  room.first.next('/settle', 'back');
  await earlier.open(order);
  assert.is(told(await later.open(order)), 'confirmed');
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain(
  'a reorganisation: gone, paid again with the same signature, and final after three blocks',
  async () => {
    const backend = room.exact();
    const order = await room.order(backend);
    const back = await room.chain.snapshot();
    assert.is(told(await backend.open(order)), 'confirmed');
    await back();
    assert.equal(await backend.look(order), { kind: 'confirmed', value: { is: 'gone' } });
    assert.is(told(await backend.open(order)), 'confirmed');
    await room.chain.mine(3);
    const state = await backend.look(order);
    assert.ok(state.kind === 'confirmed' && state.value.is === 'open');
    assert.is(state.value.confirmations, backend.finality);
    assert.equal(await room.purses(), [purse - price, price]);
  },
);

onChain('a transaction of the last block moves to another one: paid once all the same', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  const opened = await backend.open(order);
  const transaction = opened.kind === 'confirmed' ? opened.value.transaction : '';
  const raw = await room.chain.rpc('eth_getRawTransactionByHash', [transaction]);
  await room.chain.rpc('anvil_reorg', [1, []]);
  assert.equal(await backend.look(order), { kind: 'confirmed', value: { is: 'gone' } });
  await room.chain.rpc('eth_sendRawTransaction', [raw]);
  assert.equal(await backend.open(order), opened);
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('a chain that goes and comes back', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  await room.chain.stop();
  assert.is(told(await backend.open(order)), 'unknown');
  assert.is(told(await backend.look(order)), 'unknown');
  await room.chain.startAgain();
  assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed');
  assert.equal(await room.purses(), [purse - price, price]);
  // A chain that was started again has no snapshots of before.
  const { token, seller, buyer } = room.scene;
  undo = async () => void (await token.must(seller.address, 'transfer', buyer.address, price));
});

onChain('a node of another chain, or one that talks nonsense, confirms nothing', async () => {
  const order = await room.order(room.exact());
  const other = room.exact({ chain: new ChainReader(httpRpc(room.chain.url, 1000), { chainId: 1n }) });
  assert.is(told(await other.open(order)), 'unknown');
  for (const answer of [null, {}, [], '0x', 'yes', 7]) {
    const nonsense = async <T>(method: string) => (method === 'eth_chainId' ? '0x7a69' : answer) as T;
    const chain = new ChainReader(nonsense, { chainId: 31337n });
    const backend = room.exact({ chain });
    assert.is(told(await backend.open(order)), 'unknown', JSON.stringify(answer));
    assert.is(told(await backend.look(order)), 'unknown', JSON.stringify(answer));
  }
  assert.equal(await room.purses(), room.full);
});

onChain('what was ordered is settled as it was ordered, whatever is configured since', async () => {
  const order = await room.order(room.exact());
  const elsewhere = room.exact({ payTo: `0x${'bb'.repeat(20)}`, token: { ...room.token, name: 'Other' } });
  assert.is(told(await elsewhere.open(order)), 'confirmed');
  assert.is(told(await elsewhere.look(order)), 'confirmed');
  const otherChain = room.exact({ chain: new ChainReader(httpRpc(room.chain.url, 1000), { chainId: 1n }) });
  assert.is(told(await otherChain.look(order)), 'unknown', 'it is not gone');
  assert.equal(await room.purses(), [purse - price, price]);
});

onChain('a payer without the money is refused, and so is one who has spent the nonce elsewhere', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  const { token, buyer, stranger } = room.scene;
  await token.must(buyer.address, 'transfer', stranger, room.full[0]);
  assert.is(told(await backend.open(order)), 'rejected insufficient_funds');
  await token.must(stranger, 'transfer', buyer.address, room.full[0]);
  await token.must(buyer.address, 'cancelAuthorization', authorizationOf(order).nonce);
  assert.is(told(await backend.open(order)), 'rejected nonce_already_used');
  assert.equal(await room.purses(), room.full);
});

onChain('a payment that was made before it came to us is somebody else’s', async () => {
  const [shop, backend] = [room.exact(), room.exact()];
  const payload = await payWith(room.buyer, backend.requirements(wares));
  const read = await shop.read({ payload }, wares);
  const ours = await backend.read({ payload }, wares);
  assert.ok(read.ok && ours.ok);
  assert.is(told(await shop.open(read.value.order)), 'confirmed');
  assert.is(told(await backend.open(ours.value.order)), 'rejected nonce_already_used');
});

onChain('an authorization that ran out is given up when no block can have it any more', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  room.first.fault = room.second.fault = () => 'there';
  assert.is(told(await backend.open(order)), 'unknown');
  await room.chain.pass(350);
  assert.is(told(await backend.open(order)), 'unknown');
  await room.chain.pass(120);
  assert.is(told(await backend.open(order)), 'rejected expired_authorization');
  assert.equal(await room.purses(), room.full);
});

onChain('a no of now says nothing of what may be under way', async () => {
  const backend = room.exact();
  const order = await room.order(backend);
  await room.chain.rpc('evm_setAutomine', [false]);
  room.first.next('/settle', 'back');
  await backend.open(order);
  const poor = '{"isValid":false,"invalidReason":"invalid_exact_evm_insufficient_balance"}';
  const no: Fault = { status: 200, text: poor };
  room.first.fault = room.second.fault = (path) => (path === '/verify' ? no : undefined);
  assert.is(told(await backend.open(order)), 'unknown');
  await room.chain.rpc('evm_setAutomine', [true]);
  await room.chain.mine();
  assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed');
  assert.equal(await room.purses(), [purse - price, price]);
});

test.run();
