// x402-batch without a chain: its digests and ids are the package's, and vouchers only rise.
import { claimBatchTypes } from '@x402/evm';
import { BatchSettlementEvmScheme, computeChannelId } from '@x402/evm/batch-settlement/client';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeAbiParameters, hashTypedData, keccak256 } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import type { Opened, PaymentOrder, SignedUnits, Wares } from '../../../../src/domain/deposit-scheme.js';
import { BatchBackend } from '../../../../src/payments/wallet/batch/backend.js';
import {
  batchAddress,
  batchSeparator,
  type Channel,
  channelIdOf,
  claimDigest,
  collectorAddress,
  depositNonce,
  refundDigest,
  voucherDigest,
} from '../../../../src/payments/wallet/batch/channel.js';
import type { BatchOptions } from '../../../../src/payments/wallet/batch/options.js';
import { ChainReader } from '../../../../src/payments/wallet/chain-reader.js';
import { FacilitatorClient } from '../../../../src/payments/wallet/facilitator-client.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';
import fc from '../../../rig/properties.js';
import { authorizerKey, ChannelWallet, network } from '../x402/batch.js';
import { wares } from '../x402/room.js';

const asset: Hex = `0x${'aa'.repeat(20)}`;
const token = { address: asset, name: 'Test USD', version: '2', currency: 'USD', decimals: 6 };
const payTo = `0x${'bb'.repeat(20)}` as const;
const opened: Opened = { reference: '0x', transaction: '0x', final: false };

function backendOf(over: Partial<BatchOptions> = {}): BatchBackend {
  const chain = new ChainReader(() => Promise.reject(new Error('the node was asked')), { chainId: 31337n });
  const times = { withdrawDelaySeconds: 86_400, marginSeconds: 600 };
  const parts = { chain, facilitator: new FacilitatorClient([]), token, payTo, key: authorizerKey };
  return new BatchBackend({ ...parts, ...times, finality: 3, ...over });
}

const backend = backendOf();
const asked = backend.requirements(wares);
const wallet = new ChannelWallet();

async function read(payload: unknown, over: Partial<Wares> = {}) {
  return backend.read({ payload }, { ...wares, ...over });
}

async function codeOf(payload: unknown, over: Partial<Wares> = {}): Promise<string> {
  const result = await read(payload, over);
  return result.ok ? 'ok' : result.code;
}

async function bought(amount?: bigint): Promise<{ order: PaymentOrder; signed: SignedUnits }> {
  const payload = amount === undefined ? await wallet.pay(asked) : await wallet.payPart(asked, amount);
  const result = await read(payload);
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}

test('the requirements are those of the scheme batch-settlement', () => {
  const { extra, ...rest } = asked;
  assert.equal(rest, {
    scheme: 'batch-settlement',
    network,
    asset: token.address,
    amount: '500000',
    payTo,
    maxTimeoutSeconds: 300,
  });
  assert.equal([extra.withdrawDelay, extra.minDeposit, extra.name], [86_400, '500000', 'Test USD']);
  assert.match(String(extra.receiverAuthorizer), /^0x[0-9a-f]{40}$/);
});

test('a withdraw delay that the contract does not allow, or that leaves no time, is refused', () => {
  for (const withdrawDelaySeconds of [899, 2_592_001, 600]) {
    assert.throws(() => backendOf({ withdrawDelaySeconds }), /withdraw delay/);
  }
  assert.throws(() => backendOf({ withdrawDelaySeconds: 1000, marginSeconds: 1000 }), /above 1000/);
});

test('a channel’s id and all digests are those of the package', () => {
  const account = fc
    .integer({ min: 1, max: 2 ** 31 - 1 })
    .map((n) => `0x${n.toString(16).padStart(40, '0')}` as Hex);
  const words = fc
    .bigInt({ min: 0n, max: 2n ** 256n - 1n })
    .map((n) => `0x${n.toString(16).padStart(64, '0')}` as Hex);
  const channel: fc.Arbitrary<Channel> = fc.record({
    ...{ payer: account, payerAuthorizer: account, receiver: account, receiverAuthorizer: account },
    ...{ token: account, withdrawDelay: fc.integer({ min: 0, max: 2 ** 40 - 1 }), salt: words },
  });
  const amount = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
  const separator = batchSeparator(31337n);
  const domain = {
    ...{ name: 'x402 Batch Settlement', version: '1', chainId: 31337 },
    verifyingContract: batchAddress,
  };
  fc.assert(
    fc.property(channel, amount, amount, words, (c, max, total, salt) => {
      const channelId = channelIdOf(separator, c);
      assert.is(channelId, computeChannelId(c, network));
      const message = { channelId, maxClaimableAmount: max };
      const types = {
        Voucher: [
          { name: 'channelId', type: 'bytes32' },
          { name: 'maxClaimableAmount', type: 'uint128' },
        ],
        Refund: [
          { name: 'channelId', type: 'bytes32' },
          { name: 'nonce', type: 'uint256' },
          { name: 'amount', type: 'uint128' },
        ],
      } as const;
      assert.is(
        voucherDigest(separator, channelId, max),
        hashTypedData({ domain, types, primaryType: 'Voucher', message }),
      );
      assert.is(
        refundDigest(separator, channelId, total, max),
        hashTypedData({
          domain,
          types,
          primaryType: 'Refund',
          message: { channelId, nonce: total, amount: max },
        }),
      );
      const claims = [{ ...message, totalClaimed: total }];
      const claim = {
        domain,
        types: claimBatchTypes,
        primaryType: 'ClaimBatch',
        message: { claims },
      } as const;
      const voucher = { channelId, maxClaimableAmount: `${max}`, signature: '0x' } as const;
      assert.is(claimDigest(separator, voucher, total), hashTypedData(claim));
      const encoded = encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'uint256' }],
        [channelId, BigInt(salt)],
      );
      assert.is(depositNonce(channelId, salt), keccak256(encoded));
    }),
    { numRuns: 100 },
  );
});

test('the addresses are the package’s', async () => {
  const evm = await import('@x402/evm');
  assert.is(batchAddress, evm.BATCH_SETTLEMENT_ADDRESS.toLowerCase());
  assert.is(collectorAddress, evm.ERC3009_DEPOSIT_COLLECTOR_ADDRESS.toLowerCase());
});

test('what the wallet of @x402 signs is read: all of it, or whole units of a part', async () => {
  const all = await bought();
  assert.equal([all.order.units, all.signed.units], ['10', '10']);
  assert.is(
    all.order.id,
    computeChannelId((all.order.payload as { channelConfig: Channel }).channelConfig, network),
  );
  assert.equal(JSON.parse(JSON.stringify(all)), all, 'it can be journalled');
  assert.is((await bought(199_999n)).signed.units, '3');
  assert.is(await codeOf(await wallet.payPart(asked, 49_999n)), 'bad_terms');
});

test('who pays in more than the price has all of it in his order', async () => {
  const { payload } = await wallet.pay({ ...asked, extra: { ...asked.extra, minDeposit: '650000' } });
  const more = await read({ ...(await wallet.payPart(asked, 150_000n)), payload });
  assert.ok(more.ok);
  assert.equal([more.value.order.units, more.value.order.paidIn], ['10', '650000']);
  assert.is((await bought()).order.paidIn, undefined);
});

test('vouchers only rise, up to what was ordered', async () => {
  const { order, signed } = await bought(150_000n);
  const id = order.id as Hex;
  const given = async (amount: bigint, channelId = id) => {
    const voucher = await wallet.voucher(channelId, amount);
    return backend.readSignature(order, opened, { voucher }, signed);
  };
  const code = async (amount: bigint) => {
    const result = await given(amount);
    return result.ok ? result.value.units : result.code;
  };
  assert.is(await code(200_000n), '4');
  assert.is(await code(150_000n), 'stale_signature');
  assert.is(await code(199_999n), 'stale_signature', 'no whole unit more');
  assert.is(await code(0n), 'stale_signature');
  assert.is(await code(2n ** 128n - 1n), '10', 'never more than was ordered');
  const elsewhere = await given(500_000n, `0x${'12'.repeat(32)}`);
  assert.is(elsewhere.ok ? '' : elsewhere.code, 'bad_payment');
  const payload = {
    x402Version: 2,
    accepted: asked,
    payload: { type: 'voucher', voucher: await wallet.voucher(id, 300_000n) },
  };
  const standard = await backend.readSignature(order, opened, { payload }, signed);
  assert.is(standard.ok && standard.value.units, '6');
});

test('a voucher of another key, or for another amount than it says, is refused', async () => {
  const { order, signed } = await bought(150_000n);
  const voucher = await wallet.voucher(order.id as Hex, 200_000n);
  const code = async (change: object) => {
    const result = await backend.readSignature(order, opened, { voucher: { ...voucher, ...change } }, signed);
    return result.ok ? 'ok' : result.code;
  };
  assert.is(await code({}), 'ok');
  assert.is(await code({ maxClaimableAmount: '250000' }), 'bad_signature');
  assert.is(await code({ signature: `0x${'11'.repeat(65)}` }), 'bad_signature');
  assert.is(await code({ signature: '0x' }), 'bad_payment');
});

test('a channel that is not on our terms is refused with its reason', async () => {
  const good = await wallet.pay(asked);
  const { payload } = good;
  const code = (change: object) =>
    codeOf({
      ...good,
      payload: { ...payload, channelConfig: { ...(payload.channelConfig as object), ...change } },
    });
  const other = `0x${'cc'.repeat(20)}`;
  assert.is(await code({}), 'ok');
  assert.is(await code({ receiver: other }), 'wrong_payee');
  assert.is(await code({ receiverAuthorizer: other }), 'wrong_payee');
  assert.is(await code({ token: other }), 'unknown_token');
  assert.is(await code({ withdrawDelay: 900 }), 'bad_terms');
  assert.is(await code({ payerAuthorizer: `0x${'00'.repeat(20)}` }), 'bad_signature');
  assert.is(await code({ payer: other }), 'bad_payment', 'another id');
  const deposit = payload.deposit as { amount: string; authorization: object };
  const small = { ...good, payload: { ...payload, deposit: { ...deposit, amount: '499999' } } };
  assert.is(await codeOf(small), 'bad_terms');
  const large = { ...good, payload: { ...payload, deposit: { ...deposit, amount: '600000' } } };
  assert.is(await codeOf(large), 'bad_signature');
  assert.is(await codeOf(good, { units: 11n }), 'bad_terms');
  assert.is(await codeOf({ ...good, payload: { ...payload, type: 'voucher' } }), 'bad_payment');
  const voucher = await wallet.voucher((payload.voucher as { channelId: Hex }).channelId, 500_001n);
  assert.is(await codeOf({ ...good, payload: { ...payload, voucher } }), 'exceeds_deposit');
});

test('a wallet with one salt for all that it buys has a channel of its own for each purchase', async () => {
  const stock = new BatchSettlementEvmScheme(wallet.account);
  const router = backendOf();
  const channels = new Set<string>();
  for (let purchase = 0; purchase < 3; purchase += 1) {
    const accepted = router.requirements(wares);
    assert.equal(router.requirements(wares), accepted, 'the same offer until somebody takes it');
    const { payload } = await stock.createPaymentPayload(2, accepted);
    for (const reader of [router, router, backendOf()]) {
      const read = await reader.read({ payload: { x402Version: 2, accepted, payload } }, wares);
      assert.ok(read.ok, 'also again, and after a restart');
      channels.add(read.value.order.id);
    }
  }
  assert.is(channels.size, 3);
});

test('a wallet that was offered the seller’s own key, by an earlier version, is still served', async () => {
  const { authorizerMark: _, ...extra } = asked.extra;
  const receiverAuthorizer = privateKeyToAddress(authorizerKey).toLowerCase();
  const before = { ...asked, extra: { ...extra, receiverAuthorizer } };
  assert.is(await codeOf(await wallet.pay(before)), 'ok');
});

test('whatever comes is answered with a code', async () => {
  const good = await wallet.pay(asked);
  const { order, signed } = await bought(150_000n);
  const odd = fc.oneof(fc.jsonValue(), fc.bigInt().map(String), fc.constant(null), fc.string());
  const paths = [
    ...[
      ['payload'],
      ['payload', 'type'],
      ['payload', 'voucher'],
      ['payload', 'deposit'],
      ['accepted', 'amount'],
    ],
    ...['channelId', 'maxClaimableAmount', 'signature'].map((field) => ['payload', 'voucher', field]),
    ...['payer', 'salt', 'withdrawDelay', 'token'].map((field) => ['payload', 'channelConfig', field]),
    ...['amount', 'authorization'].map((field) => ['payload', 'deposit', field]),
  ];
  const changed = fc.tuple(fc.constantFrom(...paths), odd).map(([path, value]) => {
    const copy = structuredClone(good) as unknown as Record<string, unknown>;
    let place = copy;
    for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
    place[path.at(-1)!] = value;
    return copy;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), changed, fc.base64String()), async (payload) => {
      for (const result of [
        await read(payload),
        await backend.readSignature(order, opened, { payload }, signed),
        await backend.readSignature(order, opened, { voucher: payload }, signed),
      ]) {
        assert.ok(result.ok || /^[a-z_]+$/.test(result.code), JSON.stringify(result));
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
