// x402-exact without a chain: what it asks for, and what it takes of what wallets send.
import { encodePaymentSignatureHeader } from '@x402/core/http';
import { authorizationTypes } from '@x402/evm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashTypedData } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { PaymentOrder, Wares } from '../../../../src/domain/deposit-scheme.js';
import { ChainReader } from '../../../../src/payments/wallet/chain-reader.js';
import { ExactBackend } from '../../../../src/payments/wallet/exact/backend.js';
import { FacilitatorClient } from '../../../../src/payments/wallet/facilitator-client.js';
import { tokenSeparator, transferDigest } from '../../../../src/payments/wallet/token.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';
import fc from '../../../rig/properties.js';
import { payWith, wares } from '../x402/room.js';

const buyer = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const asset: Hex = `0x${'aa'.repeat(20)}`;
const token = { address: asset, name: 'Test USD', version: '2', currency: 'USD', decimals: 6 };
const payTo = `0x${'bb'.repeat(20)}` as const;
/** Nobody is asked while a payment is read. */
const nobody = () => Promise.reject(new Error('the node was asked'));

/** Of all backends here: when a payment came stands in its order. */
const startedAt = Date.now();

function backendOf(over: object = {}): ExactBackend {
  const chain = new ChainReader(nobody, { chainId: 31337n });
  return new ExactBackend({
    chain,
    facilitator: new FacilitatorClient([]),
    token,
    payTo,
    finality: 3,
    now: () => startedAt,
    ...over,
  });
}

const backend = backendOf();
const asked = backend.requirements(wares);

async function codeOf(payment: Record<string, unknown>, over: Partial<Wares> = {}): Promise<string> {
  const read = await backend.read(payment, { ...wares, ...over });
  return read.ok ? 'ok' : read.code;
}

async function orderOf(payload: unknown): Promise<PaymentOrder> {
  const read = await backend.read({ payload }, wares);
  if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
  return read.value.order;
}

test('the requirements are those of the scheme exact', () => {
  assert.equal(asked, {
    scheme: 'exact',
    network: 'eip155:31337',
    asset: token.address,
    amount: '500000',
    payTo,
    maxTimeoutSeconds: 300,
    extra: { name: 'Test USD', version: '2', assetTransferMethod: 'eip3009', description: 'ten steps' },
  });
});

test('what the wallet of @x402 signs is read, as an object and as the header', async () => {
  const payload = await payWith(buyer, asked);
  const order = await orderOf(payload);
  assert.equal([order.buyer, order.units, order.unitPrice], [buyer.address.toLowerCase(), '10', '50000']);
  assert.match(order.id, /^0x[0-9a-f]{64}$/);
  assert.equal(await orderOf(encodePaymentSignatureHeader(payload)), order);
  assert.equal(JSON.parse(JSON.stringify(order)), order, 'it can be journalled');
});

test('the digest is the one of the package’s types', () => {
  const message = {
    ...{ from: buyer.address, to: payTo, value: 5n, validAfter: 1n, validBefore: 2n ** 40n },
    nonce: `0x${'77'.repeat(32)}`,
  } as const;
  const domain = { name: token.name, version: token.version, chainId: 31337 };
  const theirs = hashTypedData({
    domain: { ...domain, verifyingContract: token.address },
    types: authorizationTypes,
    primaryType: 'TransferWithAuthorization',
    message,
  });
  assert.is(transferDigest(tokenSeparator(token, 31337n), message), theirs);
});

test('what is not as it was asked for is refused with its reason', async () => {
  const good = await payWith(buyer, asked);
  const accepted = (change: object) => ({ payload: { ...good, accepted: { ...good.accepted, ...change } } });
  assert.is(await codeOf({ payload: good }), 'ok');
  assert.is(await codeOf(accepted({ scheme: 'upto' })), 'unsupported_type');
  assert.is(await codeOf(accepted({ network: 'eip155:1' })), 'wrong_network');
  assert.is(await codeOf(accepted({ asset: payTo })), 'unknown_token');
  assert.is(await codeOf(accepted({ payTo: token.address })), 'wrong_payee');
  assert.is(await codeOf(accepted({ amount: '1' })), 'bad_terms');
  assert.is(await codeOf({ payload: good }, { units: 11n }), 'bad_terms');
  assert.is(await codeOf({ payload: { ...good, x402Version: 1 } }), 'bad_payment');
  assert.is(await codeOf({ payload: 'bm90IGpzb24=' }), 'bad_payment');
  assert.is(await codeOf({}), 'bad_payment');
});

test('a signature must be the account’s own, in the form that contracts take', async () => {
  const good = await payWith(buyer, asked);
  const inner = good.payload as { authorization: object; signature: string };
  const withInner = (change: object) => codeOf({ payload: { ...good, payload: { ...inner, ...change } } });
  const { signature } = inner;
  const v = signature.slice(-2);
  assert.is(await withInner({ signature: `0x${'11'.repeat(65)}` }), 'bad_signature');
  assert.is(
    await withInner({ signature: `${signature.slice(0, -2)}${v === '1b' ? '00' : '01'}` }),
    'bad_signature',
  );
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const high = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  const malleable = `${signature.slice(0, 66)}${high}${v === '1b' ? '1c' : '1b'}`;
  assert.is(await withInner({ signature: malleable }), 'bad_signature');
  const changed = { ...inner.authorization, nonce: `0x${'00'.repeat(32)}` };
  assert.is(await withInner({ authorization: changed }), 'bad_signature');
  assert.is(await withInner({ signature: `0x${'11'.repeat(600)}` }), 'bad_payment');
});

test('an authorization must be good now, long enough, and not for ever', async () => {
  const at = (seconds: number) => backendOf({ now: () => Date.now() + seconds * 1000 });
  const payload = await payWith(buyer, asked);
  const codeAt = async (seconds: number) => {
    const read = await at(seconds).read({ payload }, wares);
    return read.ok ? 'ok' : read.code;
  };
  assert.is(await codeAt(0), 'ok');
  assert.is(await codeAt(280), 'expired_authorization');
  assert.is(await codeAt(-1000), 'bad_terms');
});

test('a second signature with the same nonce is the same payment', async () => {
  const good = await payWith(buyer, asked);
  const { authorization } = good.payload as { authorization: Record<string, string> };
  const later = { ...authorization, validBefore: `${Number(authorization.validBefore) + 60}` };
  const signature = await buyer.signTypedData({
    domain: { name: token.name, version: token.version, chainId: 31337, verifyingContract: token.address },
    types: authorizationTypes,
    primaryType: 'TransferWithAuthorization',
    message: later as never,
  });
  const second = { ...good, payload: { authorization: later, signature } };
  assert.is((await orderOf(second)).id, (await orderOf(good)).id);
});

test('whatever comes is answered with a code', async () => {
  const good = await payWith(buyer, asked);
  const codes = new Set(['bad_payment', 'unsupported_type', 'wrong_network', 'unknown_token', 'wrong_payee']);
  for (const code of ['bad_terms', 'bad_signature', 'not_yet_valid', 'expired_authorization'])
    codes.add(code);
  const odd = fc.oneof(fc.jsonValue(), fc.bigInt().map(String), fc.constant(null), fc.string());
  const paths = [
    ['accepted', 'amount'],
    ['accepted'],
    ['payload'],
    ['payload', 'signature'],
    ['x402Version'],
  ];
  for (const field of ['from', 'to', 'value', 'validAfter', 'validBefore', 'nonce']) {
    paths.push(['payload', 'authorization', field]);
  }
  const changed = fc.tuple(fc.constantFrom(...paths), odd).map(([path, value]) => {
    const copy = structuredClone(good) as unknown as Record<string, unknown>;
    let place = copy;
    for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
    place[path.at(-1)!] = value;
    return copy;
  });
  const payment = fc.oneof(
    fc.jsonValue(),
    changed,
    fc.base64String(),
    fc.record({ payload: fc.jsonValue() }),
  );
  await fc.assert(
    fc.asyncProperty(payment, async (payload) => {
      const read = await backend.read({ payload }, wares);
      // A change may leave a payment as it was.
      assert.ok(read.ok || codes.has(read.code), JSON.stringify(read));
    }),
    { numRuns: 2000 },
  );
});

test('there is nothing more to sign', async () => {
  const read = await backend.readSignature();
  assert.is(read.ok ? '' : read.code, 'stale_signature');
});

test.run();
