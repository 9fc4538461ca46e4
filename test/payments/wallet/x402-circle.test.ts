// x402-exact and x402-batch: the router as a process, the facilitator of @x402 over HTTP, and the chain.
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../../packages/simulators/anvil.js';
import type { Answer } from '../../../packages/simulators/wallet-customer.js';
import type { Mac } from '../../../src/domain/mac.js';
import type { Hex } from '../../../src/payments/wallet/typed-data.js';
import { onChain } from '../../rig/on-chain.js';
import { type Loss, NodeProxy } from '../../rig/proxy.js';
import { until } from '../../rig/until.js';
import { Router, refundOf } from './session/router.js';
import { ChannelWallet, canRun, deployBatch, onBatchChain } from './x402/batch.js';
import { payWith, Room } from './x402/room.js';

const unit = 1024;
const [bought, used, signedAtFirst] = [1_000_000, 312_345, 200_000];
const macOf = (n: number) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;
let room: Room;
let api: NodeProxy;
let router: Router;
let devices = 0;

test.before(async () => {
  if (!anvilFile) return;
  room = await Room.start();
  if (canRun) await deployBatch(room);
  api = await NodeProxy.start(room.first.url);
  const methods = ['x402-exact', 'x402-batch'].map((method) => `list method '${method}'`);
  router = await Router.start(room.scene, { facilitators: [api.url], rpc: room.node.url }, methods);
});
test.after(async () => {
  await router?.close();
  await api?.stop();
  await room?.stop();
});

/** A purchase as a device's wallet has signed it, and words of which one is in all that is sent about it. */
interface Bought {
  readonly mac: Mac;
  readonly order: Record<string, unknown>;
  readonly words: readonly string[];
  readonly wallet: ChannelWallet;
}

/** @param signed units that may be served of a channel from the beginning; a package is paid as a whole */
async function sign(method: 'x402-exact' | 'x402-batch', signed = bought): Promise<Bought> {
  const asked = await router.requirements<PaymentRequirements>(bought, method);
  devices += 1;
  const mac = macOf(devices);
  router.join(mac);
  const wallet = new ChannelWallet();
  const exact = method === 'x402-exact';
  const { payload }: PaymentPayload = exact
    ? await payWith(room.buyer, asked)
    : await wallet.payPart(asked, BigInt(signed));
  const payment = { method, payload: { x402Version: 2, accepted: asked, payload } };
  const order = { mac, plan: 'data', steps: bought, payment, idempotency_key: `${mac}-1` };
  const { nonce, channelId } = (exact ? payload.authorization : payload.voucher) as Record<string, Hex>;
  return { mac, order, words: [(nonce ?? channelId)!.slice(2), wallet.salt.slice(2)], wallet };
}

/** A request that is with the proxy or carried out, its answer to come; or its transaction is sent and in no block. */
type Step = readonly [path: string, loss: Loss, words?: readonly string[]] | 'unmined';

/** Acts for one purchase after the other, each as far as its step; then the router dies, and comes back. */
async function killedAt(
  steps: readonly Step[],
  all: readonly Bought[],
  act: (i: number) => Promise<unknown>,
) {
  for (const [i, step] of steps.entries()) {
    const { words } = all[i]!;
    if (step === 'unmined') await room.chain.rpc('evm_setAutomine', [false]);
    const held = step === 'unmined' ? undefined : api.hold(step[0], step[1], step[2] ?? words);
    // Who is killed answers nobody.
    void act(i).catch(() => undefined);
    await (held ?? until(`${step} of ${words[0]}`, () => isSent(words)));
  }
  await router.daemon.end('SIGKILL');
  api.cut();
  await router.daemon.start();
  await room.chain.rpc('evm_setAutomine', [true]);
  await room.chain.mine();
}

const opening: Step[] = [['/verify', 'back'], ['/settle', 'there'], ['/settle', 'back'], 'unmined'];
/** The first one stands at the payout, which is for all that was claimed by then. */
const closing: Step[] = [
  ['/settle', 'back', ['"type":"settle"']],
  ['/settle', 'there'],
  ['/settle', 'back'],
  'unmined',
];

async function isSent(words: readonly string[]): Promise<boolean> {
  const { pending } = await room.chain.rpc<{ pending: object }>('txpool_content');
  return words.some((word) => JSON.stringify(pending).includes(word));
}

async function sold({ order }: Bought): Promise<string> {
  const session = await router.buy(order);
  assert.is(session.error, undefined, `${JSON.stringify(session)} ${router.daemon.log()}`);
  assert.is(session.state, 'active');
  return session.id!;
}

/** Each was sold once, and so much of it was paid, once; the rest is with the buyer. */
async function settled(all: readonly Bought[], before: readonly bigint[], each: number): Promise<void> {
  const { deposits } = (await router.call('deposits')) as unknown as { deposits: Answer[] };
  const ours = deposits.filter(({ mac }) => all.some((one) => one.mac === mac));
  assert.is(ours.length, all.length);
  const ends = await Promise.all(ours.map(({ id }) => router.deposit(id as Hex, 'closed')));
  for (const { seller_amount, buyer_refund } of ends) {
    assert.equal([seller_amount, buyer_refund], [`${each}`, `${bought - each}`]);
  }
  const sum = BigInt(each * all.length);
  const [buyer, seller] = before;
  assert.equal(await room.purses(), [buyer! - sum, seller! + sum]);
  const { sessions } = (await router.call('sessions', { limit: 100 })) as unknown as { sessions: Answer[] };
  for (const { mac } of all) {
    const [session, ...others] = sessions.filter((one) => one.mac === mac);
    assert.is(others.length, 0, mac);
    assert.is(refundOf(session!), bought - each, mac);
  }
}

onChain('x402-exact: a package is bought, the gate opens, it is used, and its price was paid', async () => {
  const before = await room.purses();
  const one = await sign('x402-exact');
  const id = await sold(one);
  assert.ok(router.portal.isOpen(one.mac));
  await router.use(one.mac, id, used * unit);
  assert.is(await sold(one), id, 'the same again is the same');
  await router.call('close', { id });
  await settled([one], before, bought);
});

onChain('x402-exact: the router is killed between the request to settle and its answer', async () => {
  const before = await room.purses();
  const all: Bought[] = [];
  for (const _ of opening) all.push(await sign('x402-exact'));
  await killedAt(opening, all, (i) => router.call('purchase', all[i]!.order));
  for (const one of all) await router.use(one.mac, await sold(one), used * unit);
  await settled(all, before, bought);
});

onBatchChain('x402-batch: 31.2345% of a channel is used, and exactly that is the seller’s', async () => {
  const before = await room.purses();
  const one = await sign('x402-batch');
  const id = await sold(one);
  assert.ok(router.portal.isOpen(one.mac));
  await router.use(one.mac, id, used * unit);
  await router.call('close', { id });
  await settled([one], before, used);
});

onBatchChain('x402-batch: the router is killed between each request to settle and its answer', async () => {
  const before = await room.purses();
  const all: Bought[] = [];
  for (const _ of opening) all.push(await sign('x402-batch', signedAtFirst));
  await killedAt(opening, all, (i) => router.call('purchase', all[i]!.order));
  const ids = await Promise.all(all.map(sold));
  for (const [i, { mac, wallet, words }] of all.entries()) {
    await router.use(mac, ids[i]!, signedAtFirst * 0.9 * unit);
    const voucher = await wallet.voucher(`0x${words[0]}`, BigInt(bought));
    const more = { id: ids[i]!, payment: { voucher }, idempotency_key: `${mac}-2` };
    assert.is((await router.call('deposit_sign', more)).error, undefined);
    await router.use(mac, ids[i]!, (used - signedAtFirst * 0.9) * unit);
  }
  await killedAt(closing, all, (i) => router.call('close', { id: ids[i]! }));
  await settled(all, before, used);
});

test.run();
