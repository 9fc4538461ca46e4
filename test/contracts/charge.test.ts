// A seller who is paid a part of what a buyer has signed ahead of use, while the session goes on.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../packages/simulators/contract.js';
import { onChain, withScene } from '../rig/on-chain.js';
import { purse, type Scene } from './scene.js';

let scene: Scene;
withScene((one) => {
  scene = one;
});

type Total = [units: bigint, before: bigint, signature: unknown, nonce: unknown];

const total = (id: `0x${string}`, units: bigint, before = 0n): Promise<Total> =>
  scene.signed(id, units, before);

onChain('the seller is paid part by part, never more than was signed, and the rest goes back', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open(scene.terms({ totalDeposit: 1000n, pricePerUnit: 3n }));
  const signed = await total(id, 300n, 10n);
  const charge = async (amount: bigint, buyers = signed) => {
    const signature = await seller.charge({ sessionId: id, consumedAmount: amount });
    return escrow.send(stranger, 'consumeUnitsAt', id, amount, signature, ...buyers);
  };
  assert.is(reasonOf(await charge(0n)), 'AlreadyConsumed', 'nothing');
  const first = await charge(30n);
  assert.ok(first.ok);
  const [told] = first.events.UnitsConsumed as { units: bigint; unitsUsed: bigint }[];
  assert.equal([told!.units, told!.unitsUsed], [10n, 10n]);
  assert.is(reasonOf(await charge(30n)), 'AlreadyConsumed', 'the same again');
  assert.is(reasonOf(await charge(27n)), 'AlreadyConsumed', 'less');
  assert.is(reasonOf(await charge(31n)), 'WrongConsumedAmount', 'no whole unit');
  assert.is(reasonOf(await charge(933n)), 'ExceedsSigned', '311 units of 310');
  assert.is(reasonOf(await charge(1002n, await total(id, 400n))), 'ExceedsDeposit', '333 are paid');
  assert.is(reasonOf(await charge(930n, [2n ** 256n - 1n, 2n, signed[2], signed[3]])), 'BadSignature');
  const wraps = await charge(930n, await total(id, 2n ** 256n - 1n, 2n));
  assert.is(reasonOf(wraps), 'Panic', 'a total that is no number');
  assert.is(reasonOf(await charge(930n)), 'done', 'all that is signed');
  assert.equal(await scene.balances(), [purse - 1000n, 0n, 1000n, 0n], 'it is paid out at the close');
  await escrow.must(seller.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 930n, 930n, 0n, 0n]);
  assert.is(reasonOf(await charge(999n, await total(id, 333n))), 'AlreadyClosed');
});

onChain('only the seller names the amount', async () => {
  const { escrow, buyer, seller, stranger } = scene;
  const [id, other] = [await scene.open(), await scene.open()];
  const signed = await total(id, 500n);
  const message = { sessionId: id, consumedAmount: 40n };
  for (const signature of [
    await buyer.charge(message),
    await seller.charge({ ...message, sessionId: other }),
    await seller.charge({ ...message, consumedAmount: 41n }),
    await seller.requestClose(id),
    '0x',
    `0x${'00'.repeat(65)}`,
  ]) {
    const outcome = await escrow.send(stranger, 'consumeUnitsAt', id, 40n, signature, ...signed);
    assert.is(reasonOf(outcome), 'BadSignature');
  }
  const byBuyer = await escrow.send(buyer.address, 'consumeUnitsAt', id, 40n, '0x', ...signed);
  assert.is(reasonOf(byBuyer), 'BadSignature');
  const forged: Total = [501n, signed[1], signed[2], signed[3]];
  const bySeller = await escrow.send(seller.address, 'consumeUnitsAt', id, 40n, '0x', ...forged);
  assert.is(reasonOf(bySeller), 'BadSignature', 'not what the buyer has signed');
  await escrow.must(seller.address, 'consumeUnitsAt', id, 40n, '0x', ...signed);
});

onChain('a charge closes nothing, and a close charges nothing', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open();
  const signed = await total(id, 500n);
  const message = { sessionId: id, consumedAmount: 40n };
  const [toCharge, toClose] = [await seller.charge(message), await seller.close(message)];
  const send = async (method: string, ...args: unknown[]) =>
    reasonOf(await escrow.send(stranger, method, id, 40n, ...args));
  assert.is(await send('consumeUnitsAt', toClose, ...signed), 'BadSignature');
  assert.is(await send('closeSessionAt', toCharge, ...signed), 'BadSignature');
  assert.is(await send('consumeUnitsAt', toCharge, ...signed), 'done');
  assert.is(await send('closeSessionWithSignature', toCharge), 'BadSignature');
  assert.is(await send('closeSessionAt', toCharge, ...signed), 'BadSignature');
  assert.is(await send('closeSessionWithSignature', toClose), 'done');
  assert.is(await send('consumeUnitsAt', toCharge, ...signed), 'AlreadyClosed');
});

onChain('whoever finds what a buyer has signed ahead of use can have nothing of it charged', async () => {
  const { escrow, buyer, seller, stranger } = scene;
  const id = await scene.open();
  const [units, before, signature, nonce] = await total(id, 500_000n);
  const signed = [units, before, signature, nonce];
  const word = await seller.charge({ sessionId: id, consumedAmount: 10n });
  // They are public: in the seller's transaction that waits, in one that was reverted, at a facilitator.
  for (const thief of [stranger, buyer.address]) {
    const send = async (method: string, ...args: unknown[]) =>
      reasonOf(await escrow.send(thief, method, id, ...args));
    assert.is(await send('consumeUnits', units, signature, nonce), 'NotSeller');
    for (const amount of [1n, 11n, 500_000n]) {
      assert.is(await send('consumeUnitsAt', amount, word, ...signed), 'BadSignature');
      assert.is(await send('closeSessionAt', amount, word, ...signed), 'BadSignature');
    }
  }
  await escrow.must(stranger, 'consumeUnitsAt', id, 10n, word, ...signed);
  const bySeller = await escrow.send(seller.address, 'consumeUnitsAt', id, 10n, '0x', ...signed);
  assert.is(reasonOf(bySeller), 'AlreadyConsumed', 'the stranger paid the gas for what was asked for');
  await escrow.must(seller.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 10n, 10n, 0n, 0n]);
});

onChain('what is known of a close in the mempool charges and closes at what the seller named', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open();
  const signed = await total(id, 500_000n);
  const word = await seller.close({ sessionId: id, consumedAmount: 10n });
  const send = async (method: string, ...args: unknown[]) =>
    reasonOf(await escrow.send(stranger, method, id, ...args));
  assert.is(await send('closeSessionAt', 500_000n, word, ...signed), 'BadSignature');
  assert.is(await send('consumeUnitsAt', 10n, word, ...signed), 'BadSignature');
  assert.is(await send('closeSessionWithSignature', 0n, word), 'BadSignature');
  assert.is(await send('closeSessionWithSignature', 10n, word), 'WrongConsumedAmount');
  assert.is(await send('closeSessionAt', 10n, word, ...signed), 'done');
  assert.equal(await scene.balances(), [purse - 10n, 10n, 0n, 0n]);
});

onChain('a seller who never comes back has what he was charged', async () => {
  const { escrow, seller, stranger, chain } = scene;
  const id = await scene.open();
  const signed = await total(id, 1_000_000n);
  for (const amount of [100_000n, 312_345n]) {
    const signature = await seller.charge({ sessionId: id, consumedAmount: amount });
    await escrow.must(stranger, 'consumeUnitsAt', id, amount, signature, ...signed);
  }
  await chain.pass(3600);
  await escrow.must(stranger, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
});

test.run();
