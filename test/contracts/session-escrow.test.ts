// The contract on a real chain, call by call: deposits and signatures, and each way to cheat that it refuses.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainId, keyOf } from '../../packages/simulators/anvil.js';
import { reasonOf } from '../../packages/simulators/contract.js';
import { Wallet } from '../../packages/simulators/wallet.js';
import { type Hex, sessionIdOf } from '../../src/payments/wallet/typed-data.js';
import { onChain, withScene } from '../rig/on-chain.js';

import { always, purse, type Scene, tokenDomain } from './scene.js';

const invalid = 'FiatTokenV2: invalid signature';
/** Of the group of secp256k1. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

let scene: Scene;
withScene((one) => {
  scene = one;
});

/** The other signature of the same message by the same key (EIP-2). */
function twinOf(signature: Hex): Hex {
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  return `${signature.slice(0, 66)}${s}${signature.endsWith('1b') ? '1c' : '1b'}` as Hex;
}

onChain('the whole circle: 31.2345% used, and the balances are exact', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open();
  assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
  await escrow.must(stranger, 'consumeUnitsAt', ...(await scene.charge(id, 300_000n, 0n)));
  const [units, , signature, nonce] = await scene.signed(id, 12_345n, 300_000n);
  await escrow.must(seller.address, 'consumeUnits', id, units, signature, nonce);
  const { events } = await escrow.must(seller.address, 'closeSession', id);
  assert.equal(events.SessionClosed, [{ sessionId: id, sellerAmount: 312_345n, buyerRefund: 687_655n }]);
  assert.equal(await scene.balances(), [purse - 312_345n, 312_345n, 0n, 0n]);
  const session = await escrow.read<unknown[]>('getSession', id);
  assert.equal(session.slice(2), [1_000_000n, 312_345n, 1]);
});

onChain('a buyer with gas opens a session by himself', async () => {
  const { escrow, token, buyer, seller } = scene;
  const call = [seller.address, token.address, 500n, 5n, 60n];
  assert.is(reasonOf(await escrow.send(buyer.address, 'createSession', ...call)), 'TransferFailed');
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
      assert.is(reasonOf(outcome), invalid);
    }
    const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, `0x${signature.slice(130)}`];
    const call = [from, to, value, validAfter, validBefore, nonce, Number(v), r, s];
    const direct = await token.send(stranger, 'transferWithAuthorization', ...call);
    assert.is(reasonOf(direct), invalid);
    await escrow.must(stranger, 'createSessionWithAuthorization', terms, signed);
    const again = await escrow.send(stranger, 'createSessionWithAuthorization', terms, signed);
    assert.is(reasonOf(again), 'SessionExists');
  },
);

onChain('an authorization that is expired, not valid yet or not paid for opens nothing', async () => {
  const { escrow, buyer, stranger, chain } = scene;
  const now = await chain.now();
  const open = async (validity = always, terms = scene.terms()) => {
    const { signature } = await buyer.authorize(terms, tokenDomain, validity);
    const signed = { from: buyer.address, ...validity, signature };
    return reasonOf(await escrow.send(stranger, 'createSessionWithAuthorization', terms, signed));
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
    { totalDeposit: 2n ** 96n },
  ];
  for (const change of changes) {
    const signed = { from: scene.buyer.address, validAfter: 0n, validBefore: 1n, signature: '0x' };
    const call = [scene.terms(change), signed];
    const outcome = await escrow.send(scene.stranger, 'createSessionWithAuthorization', ...call);
    assert.is(reasonOf(outcome), 'BadTerms', Object.keys(change).join());
  }
});

onChain('a signature works once, and only upwards', async () => {
  const { escrow, seller, stranger } = scene;
  const id = await scene.open();
  const first = await scene.charge(id, 10n, 0n);
  const [units, , signature, nonce] = await scene.signed(id, 10n, 10n);
  const next = async () =>
    reasonOf(await escrow.send(seller.address, 'consumeUnits', id, units, signature, nonce));
  assert.is(await next(), 'BadSignature');
  await escrow.must(stranger, 'consumeUnitsAt', ...first);
  const again = async () => reasonOf(await escrow.send(stranger, 'consumeUnitsAt', ...first));
  for (let i = 0; i < 10; i += 1) assert.is(await again(), 'AlreadyConsumed');
  const [, , , , , oldSignature, oldNonce] = first;
  const replay = await escrow.send(seller.address, 'consumeUnits', id, 10n, oldSignature, oldNonce);
  assert.is(reasonOf(replay), 'BadSignature');
  assert.is(await next(), 'done');
  assert.is(await again(), 'AlreadyConsumed');
});

onChain('a buyer who signs a smaller total beside the real one takes nothing from the seller', async () => {
  const { escrow, buyer, seller } = scene;
  const id = await scene.open();
  const [real, small] = [await scene.charge(id, 1000n, 0n), await scene.charge(id, 1n, 0n)];
  await escrow.must(buyer.address, 'consumeUnitsAt', ...small);
  await escrow.must(seller.address, 'consumeUnitsAt', ...real);
  await escrow.must(seller.address, 'closeSession', id);
  assert.is(await scene.balance(seller.address), 1000n);
});

onChain('never more than the deposit, whatever is signed', async () => {
  const { escrow, seller } = scene;
  const id = await scene.open(scene.terms({ totalDeposit: 100n, pricePerUnit: 30n }));
  for (const units of [4n, 2n ** 96n, 2n ** 255n]) {
    const [, , signature, nonce] = await scene.signed(id, units, 0n);
    const all = await escrow.send(seller.address, 'consumeUnits', id, units, signature, nonce);
    assert.is(reasonOf(all), 'ExceedsDeposit');
    const named = [id, 120n, '0x', units, 0n, signature, nonce];
    assert.is(reasonOf(await escrow.send(seller.address, 'consumeUnitsAt', ...named)), 'ExceedsDeposit');
  }
  const overflow = [id, 90n, '0x', ...(await scene.signed(id, 2n ** 256n - 1n, 2n))];
  assert.is(reasonOf(await escrow.send(seller.address, 'consumeUnitsAt', ...overflow)), 'Panic');
  await escrow.must(seller.address, 'consumeUnitsAt', id, 90n, '0x', ...(await scene.signed(id, 3n, 0n)));
  await escrow.must(seller.address, 'closeSession', id);
  assert.equal(await scene.balances(), [purse - 90n, 90n, 0n, 0n]);
});

onChain('a signature for another session, chain, contract or by another key is none', async () => {
  const { escrow, seller } = scene;
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
    const outcome = await escrow.send(seller.address, 'consumeUnits', id, 5n, signature, id);
    assert.is(reasonOf(outcome), 'BadSignature');
  }
});

onChain('the twin of a signature, with a high s, is refused', async () => {
  const { escrow, stranger } = scene;
  const id = await scene.open();
  const [, , word, units, before, signature, nonce] = await scene.charge(id, 5n, 0n);
  for (const [sellers, buyers] of [
    [word, twinOf(signature)],
    [twinOf(word), signature],
  ]) {
    const call = [id, 5n, sellers, units, before, buyers, nonce];
    assert.is(reasonOf(await escrow.send(stranger, 'consumeUnitsAt', ...call)), 'BadSignature');
  }
  await escrow.must(stranger, 'consumeUnitsAt', id, 5n, word, units, before, signature, nonce);
});

test.run();
