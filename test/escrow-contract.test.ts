// The contract on a real chain, call by call: what it does, and each way to cheat that it refuses.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile, chainId } from '../src/demo/anvil.js';
import { Wallet } from '../src/demo/wallet.js';
import { type Hex, sessionIdOf } from '../src/upstream/escrow/typed-data.js';
import type { Outcome } from './chain/contracts.js';
import { always, keyOf, purse, Scene, tokenDomain } from './chain/scene.js';
import { onChain } from './chain/suite.js';

let scene: Scene;
let undo: (() => Promise<void>) | undefined;
const invalid = 'FiatTokenV2: invalid signature';
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const reason = (outcome: Outcome) => (outcome.ok ? 'done' : outcome.reason);

/** The other signature of the same message by the same key (EIP-2). */
function twinOf(signature: Hex): Hex {
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  return `${signature.slice(0, 66)}${s}${signature.endsWith('1b') ? '1c' : '1b'}` as Hex;
}

test.before(async () => {
  if (anvilFile) scene = await Scene.start();
});
test.before.each(async () => {
  undo = await scene?.chain.snapshot();
});
test.after.each(() => undo?.());
test.after(() => scene?.chain.stop());

onChain('the whole circle: 31.2345% used, and the balances are exact', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open();
  assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
  await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 300_000n, 0n)));
  const [, units, , signature, nonce] = await scene.signed(id, 12_345n, 300_000n);
  await escrow.must(stranger, 'consumeUnits', id, units, signature, nonce);
  const { events } = await escrow.must(seller.address, 'closeSession', id);
  assert.equal(events.SessionClosed, [{ sessionId: id, sellerAmount: 312_345n, buyerRefund: 687_655n }]);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  const session = await escrow.read<unknown[]>('getSession', id);
  assert.equal(session.slice(2), [1_000_000n, 312_345n, 1]);
});

onChain('a buyer with gas opens a session by himself', async () => {
  const { escrow, token, buyer, seller } = scene;
  const call = [seller.address, token.address, 500n, 5n, 60n];
  assert.is(reason(await escrow.send(buyer.address, 'createSession', ...call)), 'TransferFailed');
  await token.must(buyer.address, 'approve', escrow.address, 1000n);
  const ids = [];
  for (let i = 0; i < 2; i += 1) {
    const { events } = await escrow.must(buyer.address, 'createSession', ...call);
    ids.push((events.SessionCreated![0] as { sessionId: Hex }).sessionId);
  }
  assert.is.not(ids[0], ids[1]);
  assert.equal(await scene.balances(), [purse - 1000n, 0n, 1000n, 0n]);
});

onChain('the id is known before the chain says it, and the same everywhere', async () => {
  const terms = scene.terms();
  const { escrow, buyer } = scene;
  const id = sessionIdOf(BigInt(chainId), escrow.address, buyer.address, terms);
  assert.is(await escrow.read('sessionIdOf', terms, buyer.address), id);
  assert.is(await scene.open(terms), id);
});

onChain(
  'front-run: an authorization opens no session of other terms, and cannot be taken to the token',
  async () => {
    const { escrow, token, buyer, stranger } = scene;
    const terms = scene.terms();
    const { authorization, signature } = await buyer.authorize(terms, tokenDomain, always);
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const signed = { from, validAfter, validBefore, signature };
    for (const change of [{ seller: stranger }, { pricePerUnit: 2n }, { duration: 1n }, { salt: nonce }]) {
      const call = [{ ...terms, ...change }, signed];
      const outcome = await escrow.send(stranger, 'createSessionWithAuthorization', ...call);
      assert.is(reason(outcome), invalid);
    }
    const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, `0x${signature.slice(130)}`];
    const call = [from, to, value, validAfter, validBefore, nonce, Number(v), r, s];
    const direct = await token.send(stranger, 'transferWithAuthorization', ...call);
    assert.is(reason(direct), invalid);
    await escrow.must(stranger, 'createSessionWithAuthorization', terms, signed);
    const again = await escrow.send(stranger, 'createSessionWithAuthorization', terms, signed);
    assert.is(reason(again), 'SessionExists');
  },
);

onChain('an authorization that is expired, not valid yet or not paid for opens nothing', async () => {
  const { escrow, buyer, stranger, chain } = scene;
  const now = await chain.now();
  const open = async (validity = always, terms = scene.terms()) => {
    const { signature } = await buyer.authorize(terms, tokenDomain, validity);
    const signed = { from: buyer.address, ...validity, signature };
    return reason(await escrow.send(stranger, 'createSessionWithAuthorization', terms, signed));
  };
  assert.match(await open({ validAfter: 0n, validBefore: now }), 'expired');
  assert.match(await open({ validAfter: now + 100n, validBefore: now + 200n }), 'not yet valid');
  assert.match(await open(always, scene.terms({ totalDeposit: purse + 1n })), 'exceeds balance');
});

onChain('terms that make no sense are refused', async () => {
  const zero = `0x${'0'.repeat(40)}` as const;
  const { escrow } = scene;
  const changes = [
    { seller: zero },
    { seller: escrow.address },
    { pricePerUnit: 0n },
    { totalDeposit: 0n },
    { pricePerUnit: 1_000_001n },
    { duration: 0n },
    { duration: 366n * 86_400n },
  ];
  for (const change of changes) {
    const signed = { from: scene.buyer.address, validAfter: 0n, validBefore: 1n, signature: '0x' };
    const call = [scene.terms(change), signed];
    const outcome = await escrow.send(scene.stranger, 'createSessionWithAuthorization', ...call);
    assert.is(reason(outcome), 'BadTerms', Object.keys(change).join());
  }
});

onChain('a signature works once, and only upwards', async () => {
  const { escrow, stranger } = scene;
  const id = await scene.open();
  const first = await scene.signed(id, 10n, 0n);
  const second = await scene.signed(id, 10n, 10n);
  const [, units, , signature, nonce] = second;
  assert.is(reason(await escrow.send(stranger, 'consumeUnits', id, units, signature, nonce)), 'BadSignature');
  await escrow.must(stranger, 'consumeUnitsFrom', ...first);
  for (let i = 0; i < 10; i += 1) {
    assert.is(reason(await escrow.send(stranger, 'consumeUnitsFrom', ...first)), 'AlreadyConsumed');
  }
  const [, , , oldSignature, oldNonce] = first;
  const replay = await escrow.send(stranger, 'consumeUnits', id, 10n, oldSignature, oldNonce);
  assert.is(reason(replay), 'BadSignature');
  await escrow.must(stranger, 'consumeUnits', id, units, signature, nonce);
  assert.is(reason(await escrow.send(stranger, 'consumeUnitsFrom', ...first)), 'AlreadyConsumed');
});

onChain('a buyer who signs a smaller total beside the real one takes nothing from the seller', async () => {
  const { escrow, buyer, seller } = scene;
  const id = await scene.open();
  const real = await scene.signed(id, 1000n, 0n);
  await escrow.must(buyer.address, 'consumeUnitsFrom', ...(await scene.signed(id, 1n, 0n)));
  await escrow.must(seller.address, 'consumeUnitsFrom', ...real);
  await escrow.must(seller.address, 'closeSession', id);
  assert.is(await scene.balance(seller.address), 1000n);
});

onChain('never more than the deposit, whatever is signed', async () => {
  const { escrow, stranger } = scene;
  const id = await scene.open(scene.terms({ totalDeposit: 100n, pricePerUnit: 30n }));
  for (const [units, before] of [
    [4n, 0n],
    [1n, 3n],
    [2n ** 255n, 0n],
  ] as const) {
    const outcome = await escrow.send(
      stranger,
      'consumeUnitsFrom',
      ...(await scene.signed(id, units, before)),
    );
    assert.is(reason(outcome), 'ExceedsDeposit');
  }
  const overflow = await scene.signed(id, 2n ** 256n - 1n, 2n);
  assert.is(reason(await escrow.send(stranger, 'consumeUnitsFrom', ...overflow)), 'Panic');
  await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 3n, 0n)));
  await escrow.must(scene.seller.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 90n, 90n, 0n, 0n]);
});

onChain('a signature for another session, chain, contract or by another key is none', async () => {
  const { escrow, stranger } = scene;
  const id = await scene.open();
  const other = await scene.open();
  const message = { sessionId: id, units: 5n, unitsUsedBefore: 0n, nonce: id };
  const place = { chainId, escrow: escrow.address };
  const signatures = [
    await scene.buyer.consume({ ...message, sessionId: other }),
    await new Wallet(keyOf(1), { ...place, chainId: 1 }).consume(message),
    await new Wallet(keyOf(1), { ...place, escrow: scene.token.address }).consume(message),
    await scene.seller.consume(message),
    '0x',
    `0x${'00'.repeat(65)}`,
    `0x${'ff'.repeat(65)}`,
  ];
  for (const signature of signatures) {
    const outcome = await escrow.send(stranger, 'consumeUnits', id, 5n, signature, id);
    assert.is(reason(outcome), 'BadSignature');
  }
});

onChain('the twin of a signature, with a high s, is refused', async () => {
  const { escrow, stranger } = scene;
  const id = await scene.open();
  const [, units, before, signature, nonce] = await scene.signed(id, 5n, 0n);
  const twin = twinOf(signature);
  const outcome = await escrow.send(stranger, 'consumeUnitsFrom', id, units, before, twin, nonce);
  assert.is(reason(outcome), 'BadSignature');
  await escrow.must(stranger, 'consumeUnitsFrom', id, units, before, signature, nonce);
});

onChain('only the seller, his signature or time closes a session', async () => {
  const { escrow, buyer, seller, stranger, chain } = scene;
  const id = await scene.open();
  await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 40n, 0n)));
  for (const caller of [buyer.address, stranger]) {
    assert.is(reason(await escrow.send(caller, 'closeSession', id)), 'NotClosableYet');
  }
  const bySignature = 'closeSessionWithSignature';
  const stale = await seller.close({ sessionId: id, consumedAmount: 0n });
  assert.is(reason(await escrow.send(stranger, bySignature, id, 0n, stale)), 'WrongConsumedAmount');
  assert.is(reason(await escrow.send(stranger, bySignature, id, 40n, stale)), 'BadSignature');
  const byBuyer = await buyer.close({ sessionId: id, consumedAmount: 40n });
  assert.is(reason(await escrow.send(stranger, bySignature, id, 40n, byBuyer)), 'BadSignature');
  const undoTime = await chain.snapshot();
  const signature = await seller.close({ sessionId: id, consumedAmount: 40n });
  await escrow.must(stranger, bySignature, id, 40n, signature);
  assert.equal(await scene.balances(), [purse - 40n, 40n, 0n, 0n]);
  assert.is(reason(await escrow.send(seller.address, 'closeSession', id)), 'AlreadyClosed');
  await undoTime();
  await chain.pass(3600);
  assert.is((await escrow.read<number[]>('getSession', id))[4], 2);
  await escrow.must(stranger, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 40n, 40n, 0n, 0n]);
});

onChain('the seller names what he takes of a signed total, and only he can', async () => {
  const { escrow, buyer, seller, stranger, chain } = scene;
  const id = await scene.open(scene.terms({ totalDeposit: 1000n, pricePerUnit: 3n }));
  await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 10n, 0n)));
  const [, ...last] = await scene.signed(id, 300n, 10n);
  const signed = [last[0], last[1], last[2], last[3]];
  const close = async (amount: bigint, by = seller, buyers: unknown[] = signed) => {
    const signature = await by.close({ sessionId: id, consumedAmount: amount });
    return escrow.send(stranger, 'closeSessionAt', id, amount, signature, ...buyers);
  };
  assert.is(reason(await close(27n)), 'WrongConsumedAmount', 'less than is consumed');
  assert.is(reason(await close(31n)), 'WrongConsumedAmount', 'no whole unit');
  assert.is(reason(await close(933n)), 'ExceedsSigned', '311 units of 310');
  assert.is(reason(await close(60n, buyer)), 'BadSignature');
  assert.is(reason(await close(60n, seller, [299n, ...last.slice(1)])), 'BadSignature');
  const [, ...much] = await scene.signed(id, 400n, 0n);
  assert.is(reason(await close(1002n, seller, much)), 'ExceedsDeposit', '334 units, of which 333 are paid');
  const undo = await chain.snapshot();
  for (const amount of [30n, 60n, 930n]) {
    const undoOne = await chain.snapshot();
    const outcome = await close(amount);
    assert.is(reason(outcome), 'done');
    assert.equal(await scene.balances(), [purse - amount, amount, 0n, 0n]);
    assert.is(reason(await close(amount)), 'AlreadyClosed');
    await undoOne();
  }
  await undo();
  await escrow.must(seller.address, 'closeSessionAt', id, 45n, '0x', ...signed);
  assert.equal(await scene.balances(), [purse - 45n, 45n, 0n, 0n], 'the seller himself signs nothing');
});

onChain('a buyer who wants out early waits until the seller has brought in what is signed', async () => {
  const { escrow, buyer, stranger, chain } = scene;
  const id = await scene.open(scene.terms({ duration: 86_400n }));
  const last = await scene.signed(id, 77n, 0n);
  assert.is(reason(await escrow.send(stranger, 'requestClose', id)), 'NotBuyer');
  const wrong = await scene.seller.requestClose(id);
  assert.is(reason(await escrow.send(stranger, 'requestCloseWithSignature', id, wrong)), 'BadSignature');
  await escrow.must(stranger, 'requestCloseWithSignature', id, await buyer.requestClose(id));
  assert.is((await escrow.read<number[]>('getSession', id))[4], 3);
  await chain.pass(3000);
  const { events } = await escrow.must(buyer.address, 'requestClose', id);
  assert.equal(events, {}, 'asking again puts nothing off');
  assert.is(reason(await escrow.send(buyer.address, 'closeSession', id)), 'NotClosableYet');
  await escrow.must(stranger, 'consumeUnitsFrom', ...last);
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
  await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 9n, 0n)));
  await escrow.must(stranger, 'closeSession', id);
  const late = await scene.signed(id, 1n, 9n);
  assert.is(reason(await escrow.send(stranger, 'consumeUnitsFrom', ...late)), 'AlreadyClosed');
  assert.is(reason(await escrow.send(scene.buyer.address, 'requestClose', id)), 'AlreadyClosed');
});

onChain('a side that cannot be paid holds nobody up, and has its money later', async () => {
  const { escrow, token, buyer, seller, stranger } = scene;
  for (const [blocked, other, owed] of [
    [buyer.address, seller.address, 999_600n],
    [seller.address, buyer.address, 400n],
  ] as const) {
    const id = await scene.open();
    await escrow.must(stranger, 'consumeUnitsFrom', ...(await scene.signed(id, 400n, 0n)));
    const before = await scene.balance(other);
    await token.must(stranger, 'setBlocked', blocked, true);
    const { events } = await escrow.must(seller.address, 'closeSession', id);
    assert.is((events.PaymentDeferred![0] as { amount: bigint }).amount, owed);
    assert.is((await scene.balance(other)) - before, 1_000_000n - owed);
    assert.is(reason(await escrow.send(stranger, 'withdraw', token.address, blocked)), 'TransferFailed');
    await token.must(stranger, 'setBlocked', blocked, false);
    const had = await scene.balance(blocked);
    await escrow.must(stranger, 'withdraw', token.address, blocked);
    assert.is((await scene.balance(blocked)) - had, owed);
    assert.is(reason(await escrow.send(stranger, 'withdraw', token.address, blocked)), 'NothingOwed');
  }
  assert.equal(await scene.balances(), [purse - 800n, 800n, 0n, 0n]);
});

onChain('a session that does not exist is unknown to every call', async () => {
  const { escrow, stranger, buyer } = scene;
  const id = `0x${'12'.repeat(32)}` as const;
  const signature = await buyer.requestClose(id);
  for (const [method, ...args] of [
    ['consumeUnits', id, 1n, signature, id],
    ['consumeUnitsFrom', id, 1n, 0n, signature, id],
    ['closeSession', id],
    ['closeSessionWithSignature', id, 0n, signature],
    ['requestClose', id],
    ['requestCloseWithSignature', id, signature],
  ] as const) {
    assert.is(reason(await escrow.send(stranger, method, ...args)), 'UnknownSession');
  }
});

test.run();
