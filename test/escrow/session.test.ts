// The backend x402r-session on a real chain, with facilitators that do what the test wants: each row of the failure table.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile } from '../../src/demo/anvil.js';
import type { Outcome, PaymentOrder, SignedUnits } from '../../src/domain/settlement.js';
import { Facilitators, sayingOf } from '../../src/upstream/escrow/facilitators.js';
import { SessionBackend } from '../../src/upstream/escrow/session/backend.js';
import type { SessionRequirements } from '../../src/upstream/escrow/session/requirements.js';
import { Chain } from '../../src/upstream/escrow/session-chain.js';
import type { Address, Hex } from '../../src/upstream/escrow/typed-data.js';
import type { CreateRequest } from '../../src/upstream/escrow/wire.js';
import { NodeProxy } from '../chain/proxy.js';
import { keyOf, purse, Scene } from '../chain/scene.js';
import { onChain } from '../chain/suite.js';
import { network, Shop } from '../facilitator/shop.js';

const wares = { units: 1000n, unitPrice: 2n, description: 'test' };

/** A facilitator that says what it is told to. */
class Stub {
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(500).end();
  };
  asked = 0;
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    this.asked += 1;
    this.answer(request, response);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  does(answer: Stub['answer']): void {
    this.answer = answer;
  }

  says(status: number, body: unknown): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.answer = (_request, response) => response.writeHead(status).end(text);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let scene: Scene;
let shop: Shop;
let stub: Stub;
let wall = 0;

test.before(async () => {
  if (anvilFile) scene = await Scene.start();
});
test.before.each(async () => {
  if (!anvilFile) return;
  scene = await Scene.on(scene.chain);
  shop = await Shop.open(scene);
  stub = new Stub();
  await stub.start();
  wall = Number(await scene.chain.now()) * 1000;
});
test.after.each(async () => {
  await shop?.close();
  await stub?.stop();
});
test.after(() => scene?.chain.stop());

interface Change {
  /** For a facilitator that is to be given up. */
  readonly patienceMs?: number;
  readonly rpcUrl?: string;
  readonly chainId?: bigint;
  readonly escrow?: Address;
  readonly decimals?: number;
  readonly logBlocks?: number;
  readonly key?: Hex;
  readonly token?: { readonly name?: string };
}

function backendOf(urls: readonly string[], change: Change = {}): SessionBackend {
  const { decimals = 6, chainId = 31_337n, key = keyOf(2), token = {}, logBlocks = 1000 } = change;
  const escrow = change.escrow ?? scene.escrow.address;
  const place = { chainId, escrow, rpcUrl: change.rpcUrl ?? scene.chain.url, rpcTimeoutMs: 20_000 };
  const chain = new Chain({ ...place, tokens: { [scene.token.address]: { decimals } }, logBlocks });
  const seller = scene.seller.address.toLowerCase() as Address;
  return new SessionBackend({
    offer: { network, chainId, escrow, token: scene.token.address, seller, duration: 86_400n },
    ...{ currency: 'TUSD', decimals, key, token },
    facilitators: new Facilitators(urls, change.patienceMs ?? 20_000),
    watch: { chain, marginMs: 600_000, finality: 3, wall: () => wall },
  });
}

interface Bought {
  readonly order: PaymentOrder;
  readonly signed: SignedUnits;
  readonly payment: Record<string, unknown>;
}

async function pay(backend: SessionBackend, signed = 1000n): Promise<Bought> {
  assert.is(await backend.verify(), '');
  const asked = backend.requirements(wares) as SessionRequirements;
  const { payment } = await scene.buyer.pay(asked, signed, BigInt(wall / 1000));
  const read = await backend.read(payment, wares);
  if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
  return { ...read.value, payment };
}

/** The kind of an outcome, with its code. */
const kind = (outcome: Outcome<unknown>) =>
  outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;

function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'confirmed') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

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
  const closed = value(await backend.close(order, opened, further.value, '801'));
  assert.equal([closed.sellerAmount, closed.buyerRefund], ['1602', '398']);
  assert.equal(value(await backend.close(order, opened, further.value, '801')), closed);
  assert.equal(await scene.balances(), [purse - 1602n, 1602n, 0n, 0n]);
  const { value: state } = (await backend.reconcile(order)) as { value: { is: string } };
  assert.is(state.is, 'closed');
});

onChain('a deposit is seen with four calls of the node, and looked for again with as many', async () => {
  const node = await NodeProxy.start(scene.chain.url);
  try {
    const backend = backendOf([shop.url], { rpcUrl: node.url });
    const { order } = await pay(backend);
    for (const act of [() => backend.open(order), () => backend.reconcile(order)]) {
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
  const state = value(await backend.reconcile(order));
  assert.ok(state.is === 'open' && state.confirmations >= 3);
  assert.is(value(await backend.open(order)).transaction, opened.transaction);
  const closed = value(await backend.close(order, opened, signed, '5'));
  await scene.chain.mine(25);
  assert.equal(value(await backend.close(order, opened, signed, '5')), closed);
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

onChain('a refusal is final when each facilitator refuses for good and the chain has nothing', async () => {
  const refusal = { success: false, code: 'insufficient_funds', error: 'the buyer has less' };
  stub.says(422, refusal);
  const { order } = await pay(backendOf([stub.url]));
  assert.is(kind(await backendOf([stub.url]).open(order)), 'rejected insufficient_funds');
  const other = new Stub();
  await other.start();
  assert.is(kind(await backendOf([stub.url, other.url]).open(order)), 'unknown', 'the other may have it');
  const gone = other.url;
  await other.stop();
  assert.is(kind(await backendOf([stub.url, gone]).open(order)), 'unknown', 'refused connection');
});

onChain('nonce_already_used: ours is active, another use is rejected', async () => {
  stub.says(409, { success: false, code: 'nonce_already_used', error: 'used' });
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  value(await backendOf([shop.url]).open(order));
  assert.is(kind(await backend.open(order)), 'confirmed');
  const second = await pay(backend);
  const { paymentPayload } = second.order.payload as CreateRequest;
  await scene.token.must(scene.buyer.address, 'cancelAuthorization', paymentPayload.authorization.nonce);
  stub.says(503, '');
  assert.is(kind(await backend.open(second.order)), 'rejected nonce_already_used');
});

onChain('an authorization that has expired unused is rejected, whatever facilitators say', async () => {
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  assert.is(kind(await backend.open(order)), 'unknown');
  const undo = await scene.chain.snapshot();
  await scene.chain.pass(3601);
  assert.is(kind(await backend.open(order)), 'rejected expired_authorization');
  await undo();
});

onChain('reorg: what the chain has lost is gone, and is settled again with the same payload', async () => {
  const backend = backendOf([shop.url]);
  const { order, signed } = await pay(backend);
  const undo = await scene.chain.snapshot();
  const opened = value(await backend.open(order));
  await undo();
  await scene.chain.mine();
  assert.equal(value(await backend.reconcile(order)), { is: 'gone' });
  value(await backend.open(order));
  await scene.chain.mine(2);
  const state = value(await backend.reconcile(order));
  assert.is(state.is === 'open' && state.confirmations, 2);
  assert.equal(value(await backend.close(order, opened, signed, '1')).sellerAmount, '2');
});

onChain('a lie is not believed: no session, one of other terms, one of another chain or escrow', async () => {
  const backend = backendOf([stub.url]);
  const { order } = await pay(backend);
  stub.says(200, { success: true, sessionId: order.id, transaction: `0x${'1'.repeat(64)}` });
  assert.is(kind(await backend.open(order)), 'pending');
  value(await backendOf([shop.url]).open(order));
  const dearer = { ...order, unitPrice: '3' };
  assert.is(kind(await backend.open(dearer)), 'unknown', 'another price than on the chain');
  const wrongs: [Change, RegExp][] = [
    [{ chainId: 1n }, /of chain 31337/],
    [{ escrow: scene.token.address }, /no session escrow/],
    [{ decimals: 18 }, /has 6 decimals/],
    [{ token: { name: 'USD Coin' } }, /EIP-712 domain/],
  ];
  for (const [change, wanted] of wrongs) {
    const wrong = backendOf([shop.url], change);
    assert.match(await wrong.verify(), wanted);
    const read = await wrong.read({}, wares);
    assert.is(read.ok ? '' : read.code, 'escrow_unready');
  }
});

onChain('a token that takes a fee: the escrow refuses it, nothing is lost', async () => {
  const fee = await Scene.on(scene.chain, 'FeeToken');
  const plain = scene;
  scene = fee;
  const feeShop = await Shop.open(fee);
  try {
    const backend = backendOf([feeShop.url]);
    const { order } = await pay(backend);
    assert.match(kind(await backend.open(order)), /^rejected/);
    assert.is((await fee.balances())[0], purse);
  } finally {
    await feeShop.close();
    scene = plain;
  }
});

onChain(
  'the buyer asks for the rest of his money: nothing more is served, and what he used is charged',
  async () => {
    const backend = backendOf([shop.url]);
    const { order, signed } = await pay(backend);
    const opened = value(await backend.open(order));
    await scene.escrow.must(scene.buyer.address, 'requestClose', order.id);
    const state = value(await backend.reconcile(order));
    assert.ok(state.is === 'open' && state.opened.serveUntil! <= wall);
    assert.is(value(await backend.close(order, opened, signed, '5')).sellerAmount, '10');
  },
);

onChain('somebody brought in all that was signed: the seller closes at what is charged already', async () => {
  const backend = backendOf([shop.url]);
  const { order, signed } = await pay(backend, 10n);
  const opened = value(await backend.open(order));
  await backend.consume(order, opened, signed, '10');
  assert.is(value(await backend.close(order, opened, signed, '3')).sellerAmount, '20');
});

onChain('a close is never given up while the session is on the chain', async () => {
  const { order, signed } = await pay(backendOf([shop.url]));
  const opened = value(await backendOf([shop.url]).open(order));
  const backend = backendOf([stub.url]);
  for (const [status, code] of [
    [404, 'unknown_network'],
    [422, 'refused_by_chain'],
    [409, 'session_closed'],
  ] as const) {
    stub.says(status, { success: false, code, error: '' });
    assert.is(kind(await backend.close(order, opened, signed, '7')), 'unknown', code);
  }
  assert.is(value(await backendOf([shop.url]).close(order, opened, signed, '7')).sellerAmount, '14');
});

onChain('a node that is away or talks nonsense: unknown, and nothing is opened or rejected', async () => {
  const proxy = await NodeProxy.start(scene.chain.url);
  const backend = backendOf([shop.url], { rpcUrl: proxy.url });
  const { order } = await pay(backend);
  proxy.lose = () => 'there';
  assert.is(kind(await backend.open(order)), 'unknown');
  assert.is(kind(await backend.reconcile(order)), 'unknown');
  assert.is(backend.trouble, 'eth_getBlockByNumber: the node does not answer');
  proxy.lose = () => undefined;
  proxy.target = stub.url;
  for (const body of ['', 'null', '{"result":null}', '{"result":"0x"}', '{"result":[]}', '{"error":{}}']) {
    stub.says(200, body);
    assert.is(kind(await backend.open(order)), 'unknown', body);
  }
  proxy.target = scene.chain.url;
  assert.is(kind(await backend.open(order)), 'confirmed');
  assert.is(backend.trouble, '');
  await proxy.stop();
});

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
