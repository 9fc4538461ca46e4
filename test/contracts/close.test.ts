// Who may close a session, when, and what each side has then.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../packages/simulators/contract.js';
import { onChain, withScene } from '../rig/on-chain.js';
import { purse, type Scene } from './scene.js';

let scene: Scene;
withScene((one) => {
  scene = one;
});

onChain('only the seller, his signature or time closes a session', async () => {
  const { escrow, buyer, seller, stranger, chain } = scene;
  const id = await scene.open();
  await escrow.must(stranger, 'consumeUnitsAt', ...(await scene.charge(id, 40n, 0n)));
  for (const caller of [buyer.address, stranger]) {
    assert.is(reasonOf(await escrow.send(caller, 'closeSession', id)), 'NotClosableYet');
  }
  const bySignature = 'closeSessionWithSignature';
  const stale = await seller.close({ sessionId: id, consumedAmount: 0n });
  assert.is(reasonOf(await escrow.send(stranger, bySignature, id, 0n, stale)), 'WrongConsumedAmount');
  assert.is(reasonOf(await escrow.send(stranger, bySignature, id, 40n, stale)), 'BadSignature');
  const byBuyer = await buyer.close({ sessionId: id, consumedAmount: 40n });
  assert.is(reasonOf(await escrow.send(stranger, bySignature, id, 40n, byBuyer)), 'BadSignature');
  const undoTime = await chain.snapshot();
  const signature = await seller.close({ sessionId: id, consumedAmount: 40n });
  await escrow.must(stranger, bySignature, id, 40n, signature);
  assert.equal(await scene.balances(), [purse - 40n, 40n, 0n, 0n]);
  assert.is(reasonOf(await escrow.send(seller.address, 'closeSession', id)), 'AlreadyClosed');
  await undoTime();
  await chain.pass(3600);
  assert.is((await escrow.read<number[]>('getSession', id))[4], 2);
  await escrow.must(stranger, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 40n, 40n, 0n, 0n]);
});

onChain('the seller names what he takes of a signed total, and only he can', async () => {
  const { escrow, buyer, seller, stranger, chain } = scene;
  const id = await scene.open(scene.terms({ totalDeposit: 1000n, pricePerUnit: 3n }));
  await escrow.must(seller.address, 'consumeUnitsAt', id, 30n, '0x', ...(await scene.signed(id, 10n, 0n)));
  const signed = await scene.signed(id, 300n, 10n);
  const close = async (amount: bigint, by = seller, buyers: unknown[] = signed) => {
    const signature = await by.close({ sessionId: id, consumedAmount: amount });
    return escrow.send(stranger, 'closeSessionAt', id, amount, signature, ...buyers);
  };
  assert.is(reasonOf(await close(27n)), 'WrongConsumedAmount', 'less than is consumed');
  assert.is(reasonOf(await close(31n)), 'WrongConsumedAmount', 'no whole unit');
  assert.is(reasonOf(await close(933n)), 'ExceedsSigned', '311 units of 310');
  assert.is(reasonOf(await close(60n, buyer)), 'BadSignature');
  assert.is(reasonOf(await close(60n, seller, [299n, ...signed.slice(1)])), 'BadSignature');
  const much = await scene.signed(id, 400n, 0n);
  assert.is(reasonOf(await close(1002n, seller, much)), 'ExceedsDeposit', '334 units, of which 333 are paid');
  const undo = await chain.snapshot();
  for (const amount of [30n, 60n, 930n]) {
    const undoOne = await chain.snapshot();
    const outcome = await close(amount);
    assert.is(reasonOf(outcome), 'done');
    assert.equal(await scene.balances(), [purse - amount, amount, 0n, 0n]);
    assert.is(reasonOf(await close(amount)), 'AlreadyClosed');
    await undoOne();
  }
  await undo();
  await escrow.must(seller.address, 'closeSessionAt', id, 45n, '0x', ...signed);
  assert.equal(await scene.balances(), [purse - 45n, 45n, 0n, 0n], 'the seller himself signs nothing');
});

onChain('a buyer who wants out early waits until the seller has brought in what is signed', async () => {
  const { escrow, buyer, stranger, chain } = scene;
  const id = await scene.open(scene.terms({ duration: 86_400n }));
  const last = await scene.charge(id, 77n, 0n);
  assert.is(reasonOf(await escrow.send(stranger, 'requestClose', id)), 'NotBuyer');
  const wrong = await scene.seller.requestClose(id);
  assert.is(reasonOf(await escrow.send(stranger, 'requestCloseWithSignature', id, wrong)), 'BadSignature');
  await escrow.must(stranger, 'requestCloseWithSignature', id, await buyer.requestClose(id));
  assert.is((await escrow.read<number[]>('getSession', id))[4], 3);
  await chain.pass(3000);
  const { events } = await escrow.must(buyer.address, 'requestClose', id);
  assert.equal(events, {}, 'asking again puts nothing off');
  assert.is(reasonOf(await escrow.send(buyer.address, 'closeSession', id)), 'NotClosableYet');
  await escrow.must(stranger, 'consumeUnitsAt', ...last);
  await chain.pass(600);
  await escrow.must(buyer.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 77n, 77n, 0n, 0n]);
});

onChain('asking to close puts no expiry off', async () => {
  const { escrow, buyer, stranger, chain } = scene;
  const id = await scene.open(scene.terms({ duration: 1800n }));
  const { events } = await escrow.must(buyer.address, 'requestClose', id);
  assert.equal(events, {});
  await chain.pass(1800);
  await escrow.must(stranger, 'closeSession', id);
});

onChain('signatures count after expiry, and not after the close', async () => {
  const { escrow, stranger, chain } = scene;
  const id = await scene.open();
  await chain.pass(4000);
  await escrow.must(stranger, 'consumeUnitsAt', ...(await scene.charge(id, 9n, 0n)));
  await escrow.must(stranger, 'closeSession', id);
  const late = await scene.charge(id, 1n, 9n);
  assert.is(reasonOf(await escrow.send(stranger, 'consumeUnitsAt', ...late)), 'AlreadyClosed');
  assert.is(reasonOf(await escrow.send(scene.buyer.address, 'requestClose', id)), 'AlreadyClosed');
});

onChain('a side that cannot be paid holds nobody up, and has its money later', async () => {
  const { escrow, token, buyer, seller, stranger } = scene;
  for (const [blocked, other, owed] of [
    [buyer.address, seller.address, 999_600n],
    [seller.address, buyer.address, 400n],
  ] as const) {
    const id = await scene.open();
    await escrow.must(stranger, 'consumeUnitsAt', ...(await scene.charge(id, 400n, 0n)));
    const before = await scene.balance(other);
    await token.must(stranger, 'setBlocked', blocked, true);
    const { events } = await escrow.must(seller.address, 'closeSession', id);
    assert.is((events.PaymentDeferred![0] as { amount: bigint }).amount, owed);
    assert.is((await scene.balance(other)) - before, 1_000_000n - owed);
    assert.is(reasonOf(await escrow.send(stranger, 'withdraw', token.address, blocked)), 'TransferFailed');
    await token.must(stranger, 'setBlocked', blocked, false);
    const had = await scene.balance(blocked);
    await escrow.must(stranger, 'withdraw', token.address, blocked);
    assert.is((await scene.balance(blocked)) - had, owed);
    assert.is(reasonOf(await escrow.send(stranger, 'withdraw', token.address, blocked)), 'NothingOwed');
  }
  assert.equal(await scene.balances(), [purse - 800n, 800n, 0n, 0n]);
});

onChain('a session that does not exist is unknown to every call', async () => {
  const { escrow, stranger, buyer } = scene;
  const id = `0x${'12'.repeat(32)}` as const;
  const signature = await buyer.requestClose(id);
  for (const [method, ...args] of [
    ['consumeUnits', id, 1n, signature, id],
    ['consumeUnitsAt', id, 1n, signature, 1n, 0n, signature, id],
    ['closeSessionAt', id, 1n, signature, 1n, 0n, signature, id],
    ['closeSession', id],
    ['closeSessionWithSignature', id, 0n, signature],
    ['requestClose', id],
    ['requestCloseWithSignature', id, signature],
  ] as const) {
    assert.is(reasonOf(await escrow.send(stranger, method, ...args)), 'UnknownSession');
  }
});

test.run();
