// What calls of the escrow cost: the figures that owners are told, and the bounds that they keep.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainId } from '../../packages/simulators/anvil.js';
import { Contract } from '../../packages/simulators/contract.js';
import { type Hex, sessionIdOf } from '../../src/payments/wallet/typed-data.js';
import { onChain, withScene } from '../rig/on-chain.js';
import { always, type Scene, tokenDomain } from './scene.js';

let scene: Scene;
withScene((one) => {
  scene = one;
});

/** Gas of a call that a stranger brings in. */
async function gasOf(method: string, ...args: unknown[]): Promise<number> {
  return Number((await scene.escrow.must(scene.stranger, method, ...args)).gas);
}

async function create(): Promise<[Hex, number]> {
  const terms = scene.terms({ duration: 86_400n, totalDeposit: 987_654n });
  const { signature } = await scene.buyer.authorize(terms, tokenDomain, always);
  const call = [terms, { from: scene.buyer.address, ...always, signature }];
  const { events, gas } = await scene.escrow.must(scene.stranger, 'createSessionWithAuthorization', ...call);
  return [(events.SessionCreated![0] as { sessionId: Hex }).sessionId, Number(gas)];
}

/** A seller and an escrow that have been in use: their balances are not the first of their kind. */
async function inUse(): Promise<void> {
  const [id] = await create();
  await create();
  await scene.escrow.must(scene.stranger, 'consumeUnitsAt', ...(await scene.charge(id, 5n, 0n)));
  await scene.escrow.must(scene.seller.address, 'closeSession', id);
}

/** Gas of two transfers by a contract in one transaction, to accounts that have some: no close that pays both is cheaper. */
async function twoTransfers(): Promise<number> {
  const { chain, token, stranger, buyer, seller } = scene;
  const payer = await Contract.deploy(chain, 'Multicall');
  await token.must(stranger, 'mint', payer.address, 100n);
  const calls = [buyer, seller].map(({ address }) => ({
    target: token.address,
    callData: token.encode('transfer', address, 5n),
  }));
  return Number((await payer.must(stranger, 'tryAggregate', true, calls)).gas);
}

onChain('a deposit, a charge and a close cost what is promised', async () => {
  await inUse();
  const bare = await twoTransfers();
  const transfer = Number(
    (await scene.token.must(scene.buyer.address, 'transfer', scene.seller.address, 5n)).gas,
  );
  const [id, created] = await create();
  const first = await gasOf('consumeUnitsAt', ...(await scene.charge(id, 312_345n, 0n)));
  const next = await gasOf('consumeUnitsAt', ...(await scene.charge(id, 100_000n, 312_345n)));
  const message = { sessionId: id, consumedAmount: 412_345n };
  const word = await scene.seller.close(message);
  const closed = await gasOf('closeSessionWithSignature', id, message.consumedAmount, word);
  const [other, unused] = [(await create())[0], (await create())[0]];
  const signed = await scene.signed(other, 312_345n, 0n);
  const last = await scene.seller.close({ sessionId: other, consumedAmount: 312_345n });
  const charged = await gasOf('closeSessionAt', other, 312_345n, last, ...signed);
  const returned = Number((await scene.escrow.must(scene.seller.address, 'closeSession', unused)).gas);
  console.log(`  ${JSON.stringify({ transfer, bare, created, first, next, closed, charged, returned })}`);
  assert.ok(created <= 170_000);
  assert.ok(first <= 45_000 && next <= 45_000);
  assert.ok(returned <= 60_000);
  // The escrow's own part: 6,300 to read a session, 2,100 its token, 3,100 the signature, 2,900 to write, 1,600 the event.
  assert.ok(closed - bare <= 20_000, `${closed} beside ${bare}`);
  assert.ok(closed <= 75_000 && charged <= 85_000);
});

/** Sessions that are opened in one transaction. */
async function createMany(count: number): Promise<Hex[]> {
  const all = Array.from({ length: count }, () => scene.terms({ duration: 86_400n, totalDeposit: 500_000n }));
  const calls = all.map(async (terms) => {
    const { signature } = await scene.buyer.authorize(terms, tokenDomain, always);
    const call = [terms, { from: scene.buyer.address, ...always, signature }];
    return scene.escrow.encode('createSessionWithAuthorization', ...call);
  });
  await gasOf('batch', await Promise.all(calls));
  const place = [BigInt(chainId), scene.escrow.address, scene.buyer.address] as const;
  return all.map((terms) => sessionIdOf(...place, terms));
}

onChain('many sessions are charged in one transaction, and closed in one', async () => {
  await inUse();
  const ids = await createMany(100);
  const charges = ids.map(async (id) =>
    scene.escrow.encode('consumeUnitsAt', ...(await scene.charge(id, 312_345n, 0n))),
  );
  const charged = (await gasOf('batch', await Promise.all(charges))) / ids.length;
  const closes = ids.map(async (sessionId) => {
    const message = { sessionId, consumedAmount: 312_345n };
    const word = await scene.seller.close(message);
    return scene.escrow.encode('closeSessionWithSignature', sessionId, message.consumedAmount, word);
  });
  const closed = (await gasOf('batch', await Promise.all(closes))) / ids.length;
  console.log(`  ${JSON.stringify({ charged, closed })}`);
  assert.ok(charged < 25_000);
  assert.ok(closed < 32_000);
  assert.is(await scene.balance(scene.seller.address), 100n * 312_345n + 5n);
});

onChain('a call in a batch that is refused holds up none of the others', async () => {
  const { escrow, seller, stranger } = scene;
  const [first, second] = [await scene.open(), await scene.open()];
  const [one, two] = [await scene.charge(first, 10n, 0n), await scene.charge(second, 20n, 0n)];
  const calls = [one, one, two].map((call) => escrow.encode('consumeUnitsAt', ...call));
  assert.is(await escrow.read('batch', calls), 0b101n);
  await escrow.must(stranger, 'batch', calls);
  // Whoever calls the batch has called each: the stranger is not the seller here, and the seller is.
  const closes = [first, second].map((id) => escrow.encode('closeSession', id));
  await escrow.must(stranger, 'batch', closes);
  assert.is(await scene.balance(seller.address), 0n);
  await escrow.must(seller.address, 'batch', closes);
  assert.is(await scene.balance(seller.address), 30n);
});

test.run();
