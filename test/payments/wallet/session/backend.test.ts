// The backend x402r-session on a real chain, with facilitators that do what the test wants: each row of the failure table.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../../packages/simulators/anvil.js';
import { sayingOf } from '../../../../src/payments/wallet/facilitators.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';
import { purse } from '../../../contracts/scene.js';
import { onChain } from '../../../rig/on-chain.js';
import { NodeProxy } from '../../../rig/proxy.js';
import {
  backendOf,
  closed,
  counterFor,
  kind,
  pay,
  scene,
  shop,
  stub,
  value,
  wall,
  wares,
} from './counter.js';

counterFor(test);

onChain('the whole circle: what is signed ahead is charged as far as it was used', async () => {
  const backend = backendOf([shop.url]);
  const { order, signed } = await pay(backend, 700n);
  const opened = value(await backend.open(order));
  assert.is(opened.reference, order.id);
  assert.is(opened.serveUntil! <= wall + 86_400_000 - 600_000, true, 'a margin before it expires');
  assert.equal(value(await backend.open(order)), opened, 'the same again is the same');
  const more = await scene.buyer.total(order.id as Hex, 900n);
  const further = await backend.readSignature(order, opened, { consume: more }, signed);
  assert.is(further.ok && further.value.units, '900');
  const stale = await backend.readSignature(order, opened, { consume: more }, { units: '900', proof: {} });
  assert.is(stale.ok ? '' : stale.code, 'stale_signature');
  for (const units of ['312', '312', '700'])
    assert.is(value(await backend.consume(order, opened, signed, units)), units);
  if (!further.ok) return;
  const end = await closed(backend, order, opened, further.value, '801');
  assert.equal([end.sellerAmount, end.buyerRefund], ['1602', '398']);
  assert.equal(value(await backend.close(order, opened, further.value, '801')), end);
  assert.equal(await scene.balances(), [purse - 1602n, 1602n, 0n, 0n]);
  const { value: state } = (await backend.look(order)) as { value: { is: string } };
  assert.is(state.is, 'closed');
});

onChain('a deposit is seen with four calls of the node, and looked for again with as many', async () => {
  const node = await NodeProxy.start(scene.chain.url);
  try {
    const backend = backendOf([shop.url], { rpcUrl: node.url });
    const { order } = await pay(backend);
    for (const act of [() => backend.open(order), () => backend.look(order)]) {
      node.calls.length = 0;
      value<unknown>(await act());
      const wanted = ['eth_getBlockByNumber', 'eth_call', 'eth_getLogs', 'eth_getTransactionReceipt'];
      assert.equal(node.calls, wanted);
    }
  } finally {
    await node.stop();
  }
});

onChain('a deposit of long ago is final by its state, and its transaction is found again', async () => {
  const backend = backendOf([shop.url], { logBlocks: 10 });
  const { order, signed } = await pay(backend);
  const opened = value(await backend.open(order));
  await scene.chain.mine(25);
  const state = value(await backend.look(order));
  assert.ok(state.is === 'open' && state.confirmations >= 3);
  assert.is(value(await backend.open(order)).transaction, opened.transaction);
  const end = await closed(backend, order, opened, signed, '5');
  await scene.chain.mine(25);
  assert.equal(value(await backend.close(order, opened, signed, '5')), end);
});

onChain('a payment that does not fit is refused with a code, and nothing is asked of anybody', async () => {
  const backend = backendOf([stub.url]);
  const { payment } = await pay(backend);
  const code = async (path: string, given: unknown) => {
    const bad = structuredClone(payment) as Record<string, unknown>;
    const names = path.split('.');
    const parent = names.slice(0, -1).reduce((o, name) => o[name] as Record<string, unknown>, bad);
    parent[names.at(-1)!] = given;
    const read = await backend.read(bad, wares);
    return read.ok ? 'ok' : read.code;
  };
  const session = 'payload.extensions.session';
  const { chain, stranger } = scene;
  const signature = (payment.consume as { buyerSignature: string }).buyerSignature;
  for (const [path, given, wanted] of [
    ['payload', undefined, 'bad_payment'],
    ['payload.network', 'eip155:1', 'wrong_network'],
    ['payload.authorization.to', stranger, 'wrong_payee'],
    ['payload.authorization.value', '1999', 'bad_terms'],
    ['payload.authorization.nonce', `0x${'1'.repeat(64)}`, 'terms_not_signed'],
    ['payload.authorization.validBefore', String(wall / 1000 + 59), 'expired_authorization'],
    ['payload.authorization.validAfter', String(wall / 1000 + 59), 'not_yet_valid'],
    ['payload.authorization.from', stranger, 'bad_signature'],
    ['payload.signature', `0x${'1'.repeat(130)}`, 'bad_signature'],
    [`${session}.type`, 'postpaid', 'unsupported_type'],
    [`${session}.seller`, stranger, 'wrong_seller'],
    [`${session}.pricePerUnit`, '1', 'bad_terms'],
    [`${session}.maxUnits`, '2000', 'bad_terms'],
    [`${session}.duration`, '86401', 'bad_terms'],
    [`${session}.salt`, `0x${'1'.repeat(64)}`, 'terms_not_signed'],
    ['consume.units', '0', 'bad_payment'],
    ['consume.units', '-1', 'bad_payment'],
    ['consume.units', '1001', 'exceeds_deposit'],
    ['consume.units', `${2n ** 256n - 1n}`, 'exceeds_deposit'],
    ['consume.units', `${2n ** 256n}`, 'bad_payment'],
    ['consume.units', '0700', 'bad_payment'],
    ['consume.units', '999', 'bad_signature'],
    ['consume.buyerSignature', twin(signature), 'bad_signature'],
    [
      'consume.buyerSignature',
      `${signature.slice(0, -2)}0${signature.endsWith('b') ? 0 : 1}`,
      'bad_signature',
    ],
  ] as const) {
    assert.is(await code(path, given), wanted, `${path} ${String(given).slice(0, 20)}`);
  }
  assert.is(stub.asked, 0);
  assert.is((await chain.rpc<unknown[]>('eth_getLogs', [{ address: scene.escrow.address }])).length, 0);
});

/** The same signature with a high s (EIP-2), which recovers to the same key. */
function twin(signature: string): Hex {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  return `${signature.slice(0, 66)}${s}${signature.endsWith('1b') ? '1c' : '1b'}` as Hex;
}

onChain(
  'time-out, 5xx, settlement_pending: unknown or pending, and the same payload opens it later',
  async () => {
    const backend = backendOf([stub.url, shop.url]);
    const alone = backendOf([stub.url]);
    const { order } = await pay(backend);
    const replies: [string, () => void, string][] = [
      ['cut off', () => stub.does((request) => request.socket.destroy()), 'unknown'],
      ['truncated', () => stub.says(200, '{"success":tr'), 'unknown'],
      ['too long', () => stub.says(200, `"${'x'.repeat(300_000)}"`), 'unknown'],
      ['502', () => stub.says(502, { success: false, code: 'chain_unreachable' }), 'unknown'],
      ['500 of a proxy', () => stub.says(500, '<html>'), 'unknown'],
      ['403 of a proxy', () => stub.says(403, '<html>'), 'unknown'],
      ['429', () => stub.says(429, { success: false, code: 'rate_limited' }), 'unknown'],
      ['400 without a code', () => stub.says(400, { success: false, error: 'no' }), 'unknown'],
      ['409 busy', () => stub.says(409, { success: false, code: 'session_busy' }), 'unknown'],
      [
        '422 with a code of another status',
        () => stub.says(422, { success: false, code: 'not_found' }),
        'unknown',
      ],
      ['202', () => stub.says(202, { success: false, code: 'settlement_pending' }), 'pending'],
      ['200 without transaction', () => stub.says(200, { success: true }), 'pending'],
    ];
    for (const [name, set, wanted] of replies) {
      set();
      assert.is(kind(await alone.open(order)), wanted, name);
    }
    stub.does(() => {});
    assert.is(kind(await backendOf([stub.url], { patienceMs: 300 }).open(order)), 'unknown', 'no answer');
    stub.answer = (_request, response) =>
      response.writeHead(307, { location: `${shop.url}/session/create` }).end();
    assert.is(kind(await alone.open(order)), 'unknown', 'redirects are not followed');
    assert.equal(await scene.balances(), [purse, 0n, 0n, 0n]);
    stub.answer = (request) => request.socket.destroy();
    assert.is(kind(await backend.open(order)), 'confirmed', 'the second facilitator');
    await shop.close();
    assert.is(kind(await backend.open(order)), 'confirmed', 'the chain has it, whatever facilitators say');
    assert.equal(await scene.balances(), [purse - 2000n, 0n, 2000n, 0n]);
  },
);

onChain(
  'the buyer asks for the rest of his money: nothing more is served, and what he used is charged',
  async () => {
    const backend = backendOf([shop.url]);
    const { order, signed } = await pay(backend);
    const opened = value(await backend.open(order));
    await scene.escrow.must(scene.buyer.address, 'requestClose', order.id);
    const state = value(await backend.look(order));
    assert.ok(state.is === 'open' && state.opened.serveUntil! <= wall);
    assert.is((await closed(backend, order, opened, signed, '5')).sellerAmount, '10');
  },
);

onChain('the key must be that of the seller, and is in no message', async () => {
  const wrong = keyOf(5);
  assert.throws(
    () => backendOf([stub.url], { key: wrong }),
    (cause: Error) => /not that of the seller/.test(cause.message) && !cause.message.includes(wrong.slice(2)),
  );
  const backend = backendOf([stub.url]);
  const { order, signed } = await pay(backend);
  const said = JSON.stringify([
    order,
    signed,
    backend,
    await backend.open(order),
    backend.requirements(wares),
  ]);
  assert.not(said.includes(keyOf(2).slice(2)));
});

test('a word of a facilitator is shown as it is only when it is harmless', () => {
  const said = sayingOf({
    status: 422,
    body: { success: false, code: 'bad_terms', error: 'a\u001b[31m\nb' },
  });
  assert.equal(said, { is: 'refused', code: 'bad_terms', detail: 'a [31m b' });
  assert.is(sayingOf({ status: 422, body: { success: false, code: '__proto__', error: '' } }).is, 'silent');
  assert.is(sayingOf({ status: 200, body: [] }).is, 'silent');
});

test.run();
