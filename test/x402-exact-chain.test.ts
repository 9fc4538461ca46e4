// x402-exact against the facilitator of @x402 on a chain, with faults between all of them: nothing is paid twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Outcome } from '../src/domain/settlement.js';
import { anvilFile } from './chain/anvil.js';
import { purse } from './chain/scene.js';
import { onChain } from './chain/suite.js';
import { garbled } from './x402/garbled.js';
import { price, Room, untilKnown } from './x402/room.js';

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

const told = <T>(outcome: Outcome<T>) =>
  outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;

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
  const reconciled = await backend.reconcile(order);
  assert.equal(reconciled, {
    kind: 'confirmed',
    value: { is: 'open', opened: opened.value, consumed: '10', confirmations: 1 },
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
    for (const node of [room.node, room.theirs]) {
      for (const method of [
        'eth_chainId',
        'eth_call',
        'eth_getCode',
        'eth_getBlockByNumber',
        'eth_getLogs',
        'eth_getTransactionCount',
        'eth_estimateGas',
        'eth_sendRawTransaction',
        'eth_getTransactionReceipt',
      ]) {
        for (const loss of ['there', 'back'] as const) {
          const backend = room.exact();
          const order = await room.order(backend);
          let lost = 0;
          node.lose = (called) => (called === method && lost++ === 0 ? loss : undefined);
          assert.is(told(await untilKnown(() => backend.open(order))), 'confirmed', `${method} ${loss}`);
          paid += price;
          if (paid === 90_000_000n) break;
        }
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

test.run();
