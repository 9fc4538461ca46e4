// Payment with Cashu tokens through the engine, on a mint in this process.
import { createP2PKsecret } from '@cashu/cashu-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../../src/domain/session.js';
import { tokenOf } from '../../../src/payments/cashu/ecash.js';
import type { Result } from '../../../src/ports/result.js';
import { mac } from '../../engine/world.js';
import { mintAt } from './coins.js';
import { TestMint } from './mint.js';
import { CashuShop } from './shop.js';

function codeOf(result: Result<Session>): string {
  return result.ok ? `sold ${result.value.lots.at(-1)!.steps}` : result.code;
}

test('a token buys as many whole steps as it pays for, and its change is given back as a token', async () => {
  const shop = await CashuShop.open();
  const bought = await shop.buy({ token: shop.mint.token(37), key: 'k' });
  assert.is(codeOf(bought), 'sold 3');
  const [change, ...others] = await shop.returned();
  assert.is(others.length, 0);
  assert.is(change!.money.amount, 7n);
  assert.ok(shop.mint.areGood(shop.proofs(change!.token)));
});

test('a purchase that names its steps takes their price and gives back the rest', async () => {
  const shop = await CashuShop.open();
  assert.is(codeOf(await shop.buy({ token: shop.mint.token(100), key: 'k', steps: 2 })), 'sold 2');
  assert.is((await shop.returned())[0]!.money.amount, 80n);
});

test('a token that pays for no step is left to the customer', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(25);
  assert.is(codeOf(await shop.buy({ token, key: 'a', steps: 3 })), 'payment_short');
  assert.is(codeOf(await shop.buy({ token: shop.mint.token(9), key: 'b' })), 'bad_steps');
  assert.not(shop.mint.asked.includes('/v1/swap'));
  assert.ok(shop.mint.areGood(shop.proofs(token)));
});

test('the mint’s fee is the customer’s: what is left after it pays', async () => {
  const shop = await CashuShop.open(new TestMint(500));
  // Two coins cost one.
  assert.is(codeOf(await shop.buy({ token: shop.mint.token(20, [16, 4]), key: 'a' })), 'sold 1');
  assert.is((await shop.returned())[0]!.money.amount, 9n);
});

test('the same token buys once, whoever has it', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(10);
  const first = await shop.buy({ token, key: 'k' });
  assert.is(codeOf(first), 'sold 1');
  const again = await shop.buy({ token, key: 'k' });
  assert.is(again.ok && again.value.id, first.ok && first.value.id);
  assert.is(codeOf(await shop.buy({ token, key: 'other', mac: mac(2) })), 'payment_used');
});

test('a token that its owner has spent elsewhere buys nothing', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(10);
  shop.mint.spend(shop.proofs(token));
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'token_spent');
  assert.equal(await shop.returnedLater(), []);
});

test('a token of another mint, in another unit, locked, or none at all is refused before anybody is asked', async () => {
  const shop = await CashuShop.open();
  const proofs = shop.mint.issue(10);
  const [first, ...rest] = proofs;
  const locked = [{ ...first!, secret: createP2PKsecret(`02${'ab'.repeat(32)}`) }, ...rest];
  const asked = shop.mint.asked.length;
  const tokens = {
    foreign_mint: tokenOf('https://other.example', 'sat', proofs),
    payment_locked: tokenOf(mintAt, 'sat', locked),
    bad_payment: 'cashuAnonsense',
  };
  for (const [code, token] of Object.entries(tokens)) {
    assert.is(codeOf(await shop.buy({ token, key: code })), code);
  }
  assert.is(codeOf(await shop.buy({ token: tokenOf(mintAt, 'usd', proofs), key: 'u' })), 'foreign_mint');
  assert.is(
    codeOf(await shop.buy({ token: tokenOf(mintAt, 'sat', [first!, first!]), key: 't' })),
    'bad_payment',
  );
  assert.is(shop.mint.asked.length, asked);
});

test('a forged token is refused by the mint, and nothing of it is kept', async () => {
  const shop = await CashuShop.open();
  const proofs = shop.mint.issue(10).map((proof) => ({ ...proof, secret: `${proof.secret}0` }));
  assert.is(codeOf(await shop.buy({ token: tokenOf(mintAt, 'sat', proofs), key: 'k' })), 'payment_rejected');
  assert.is(shop.safe.kept.size, 0);
});

test('while the mint is away a purchase waits, and asking again sells once', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(12);
  for (const fault of ['unheard', 'trouble', 'unanswered'] as const) {
    shop.mint.fault = (path) => (path === '/v1/swap' ? fault : undefined);
    assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'payment_pending', fault);
  }
  shop.mint.fault = () => undefined;
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'sold 1');
  assert.equal(
    (await shop.returned()).map(({ money }) => money.amount),
    [2n],
  );
  assert.is(shop.mint.outstanding, 12);
});

test('a page that has lost its key buys with the token that waits, and nobody else does', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(12);
  shop.mint.fault = (path) => (path === '/v1/swap' ? 'unanswered' : undefined);
  assert.is(codeOf(await shop.buy({ token, key: 'a' })), 'payment_pending');
  shop.mint.fault = () => undefined;
  assert.is(codeOf(await shop.buy({ token, key: 'b', mac: mac(2) })), 'payment_used');
  assert.is(codeOf(await shop.buy({ token, key: 'c' })), 'sold 1');
  assert.is(codeOf(await shop.buy({ token, key: 'a' })), 'payment_used');
  assert.is([...shop.world.engine.accounts.book.all()].length, 1);
});

test('while no mint answers, tokens are not offered as a way to pay', async () => {
  const shop = await CashuShop.open();
  const ways = () => {
    const quoted = shop.world.commands.quote({ plan: 'sats' }, 'cashu');
    return quoted.ok ? quoted.value.payment.map(({ method }) => method) : [];
  };
  assert.equal(ways(), ['cashu']);
  shop.mint.fault = () => 'trouble';
  await shop.payments.test!();
  assert.equal(ways(), []);
  shop.mint.fault = () => undefined;
  await shop.world.clock.pass(601_000);
  assert.equal(ways(), ['cashu']);
});

test('a customer who does not ask again has everything back as a token, and cannot buy with the first one', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(12);
  shop.mint.fault = (path) => (path === '/v1/swap' ? 'unanswered' : undefined);
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'payment_pending');
  shop.mint.fault = () => undefined;
  await shop.world.clock.pass(600_000);
  const [back] = await shop.returnedLater();
  assert.is(back!.money.amount, 12n);
  assert.ok(shop.mint.areGood(shop.proofs(back!.token)));
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'payment_returned');
});

test('new keys of the mint are taken up, also in the middle of a purchase', async () => {
  const shop = await CashuShop.open();
  assert.is(codeOf(await shop.buy({ token: shop.mint.token(10), key: 'a' })), 'sold 1');
  const old = shop.mint.token(10);
  shop.mint.rotate();
  assert.is(codeOf(await shop.buy({ token: old, key: 'b' })), 'sold 1');
  assert.is(codeOf(await shop.buy({ token: shop.mint.token(10), key: 'c' })), 'sold 1');
});

test('keys that change while an answer is lost cost nobody anything', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(10);
  shop.mint.fault = (path) => (path === '/v1/swap' ? 'unanswered' : undefined);
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'payment_pending');
  shop.mint.fault = () => undefined;
  shop.mint.rotate();
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'sold 1');
});

test('steps that a session did not begin go back as a token when it ends', async () => {
  const shop = await CashuShop.open();
  const bought = await shop.buy({ token: shop.mint.token(73), key: 'k' });
  assert.is(codeOf(bought), 'sold 7');
  const { id } = (bought as { value: Session }).value;
  await shop.world.commands.close(id, 'admin');
  await shop.world.clock.pass(1000);
  const back = await shop.returned();
  assert.is(back[0]!.money.amount, 73n);
  assert.ok(shop.mint.areGood(shop.proofs(back[0]!.token)));
  assert.is(await shop.method.takeOut!(undefined), undefined);
});

test('a full disk sells nothing and takes nothing', async () => {
  const shop = await CashuShop.open();
  const token = shop.mint.token(10);
  shop.safe.full = true;
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'storage_full');
  assert.not(shop.mint.asked.includes('/v1/swap'));
  shop.safe.full = false;
  assert.is(codeOf(await shop.buy({ token, key: 'k' })), 'sold 1');
});

test('what the customer has spent is not kept for them any more', async () => {
  const shop = await CashuShop.open();
  await shop.buy({ token: shop.mint.token(17), key: 'k' });
  shop.mint.spend(shop.proofs((await shop.returned())[0]!.token));
  await shop.world.clock.pass(600_000);
  assert.equal(await shop.returned(), []);
});

test('what the owner takes out is theirs here until it is written down', async () => {
  const shop = await CashuShop.open();
  const bought = await shop.buy({ token: shop.mint.token(10), key: 'k' });
  assert.is(await shop.method.takeOut!(undefined), undefined, 'not while it may go back');
  shop.world.portal.carry(mac(1), 600, 400);
  await shop.world.clock.pass(3000);
  assert.is(shop.world.engine.accounts.book.get((bought as { value: Session }).value.id)?.state, 'expired');
  assert.is(shop.method.held!()[0]!.seller.amount, 10n);
  const first = await shop.method.takeOut!(undefined);
  const second = await shop.method.takeOut!(undefined);
  assert.ok(typeof first === 'object' && typeof second === 'object' && first.token === second.token);
  assert.ok(shop.mint.areGood(shop.proofs(second.token)));
  assert.is(await shop.method.takeOut!(first.id), 'unknown');
  assert.is(await shop.method.takeOut!(second.id), undefined);
  assert.is(shop.method.held!()[0]!.seller.amount, 0n);
  assert.is(shop.safe.kept.size, 0);
});

test('what a session leaves goes back to the device that has it now, as a phone with a new address', async () => {
  const shop = await CashuShop.open();
  const bought = await shop.buy({ token: shop.mint.token(73), key: 'k' });
  assert.ok(bought.ok);
  const made = await shop.world.desk.carries.create(bought.value.id);
  assert.ok(made.ok);
  const going = shop.world.desk.carries.redeem(made.value.code, mac(2));
  await shop.world.clock.pass(1);
  assert.ok((await going).ok);
  const closing = shop.world.commands.close(bought.value.id, 'user');
  await shop.world.clock.pass(1000);
  await closing;
  assert.equal(await shop.returned(), []);
  assert.is((await shop.returned(mac(2)))[0]!.money.amount, 73n);
});

test('while the mint is silent nobody fills the disk with tokens, and they wait for an hour at the most', async () => {
  const shop = await CashuShop.open();
  const tokens = [1, 2, 3, 4, 5, 6].map(() => shop.mint.token(10));
  shop.mint.fault = (path) => (path === '/v1/swap' ? 'unheard' : undefined);
  const bought = await Promise.all(tokens.map((token, n) => shop.buy({ token, key: `k${n}` })));
  assert.ok(bought.every((one) => codeOf(one) === 'payment_pending'));
  assert.is(shop.safe.kept.size, 3);
  await shop.world.clock.pass(4_300_000);
  assert.is(shop.safe.kept.size, 0);
  shop.mint.fault = () => undefined;
  assert.is(codeOf(await shop.buy({ token: tokens[5]!, key: 'k5' })), 'sold 1');
});

test.run();
