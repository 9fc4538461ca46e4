// x402r sessions for the stock client of x402: what it signs, what it does not sign, and a purchase at the page.
import type { PaymentRequirements } from '@x402/core/types';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { privateKeyToAccount } from 'viem/accounts';
import { keyOf } from '../../packages/simulators/anvil.js';
import {
  type Deposit,
  registerSessionScheme,
  SessionEvmScheme,
} from '../../packages/x402r-session/src/index.js';
import type { PaymentOrder } from '../../src/domain/deposit-scheme.js';
import { parsePrice } from '../../src/domain/money.js';
import type { SessionRequirements } from '../../src/payments/wallet/session/requirements.js';
import { purse } from '../contracts/scene.js';
import { TestPortal } from '../engine/portal.js';
import { mac, plan, world } from '../engine/world.js';
import { backendOf, counterFor, scene, shop } from '../payments/wallet/session/counter.js';
import { onChain } from '../rig/on-chain.js';
import { Stall } from '../web/x402/stage.js';

counterFor(test);
const signer = privateKeyToAccount(keyOf(1));
const account = (digit: string) => `0x${digit.repeat(40)}`;

const asked = {
  scheme: 'session',
  network: 'eip155:31337' as const,
  asset: account('a'),
  amount: '2000',
  payTo: account('e'),
  maxTimeoutSeconds: 3600,
  extra: {
    ...{ name: 'Test USD', version: '2', assetTransferMethod: 'eip3009-receive', type: 'prepaid' },
    ...{ seller: account('b'), pricePerUnit: '2', maxUnits: '1000', duration: '86400', description: '' },
    escrow: { name: 'SessionEscrow', version: '2', chainId: 31337, verifyingContract: account('e') },
  },
};

const sign = (change: object, options = {}) =>
  new SessionEvmScheme(signer, options).createPaymentPayload(2, { ...asked, ...change }).then(
    () => 'signed',
    (cause: Error) => cause.message,
  );

test('requirements that do not fit together, or name another contract, are not signed', async () => {
  const inner = (change: object) => sign({ extra: { ...asked.extra, ...change } });
  const escrow = (change: object) => inner({ escrow: { ...asked.extra.escrow, ...change } });
  assert.is(await sign({}), 'signed');
  assert.match(await sign({ payTo: account('d') }), /must go to the contract/);
  assert.match(await sign({ amount: '2001' }), /pay for all units, and no more/);
  assert.match(await sign({ amount: '-1' }), /decimal/);
  const tooMuch = `${2n ** 256n}`;
  assert.match(await inner({ duration: tooMuch }), /duration must be a decimal number of 256 bits/);
  for (const maxTimeoutSeconds of [Number.NaN, 0, -1, 1.5, 1e300, '60', undefined])
    assert.match(await sign({ maxTimeoutSeconds }), /maxTimeoutSeconds must be/);
  assert.match(await sign({ extra: undefined }), /extra must be an object/);
  assert.match(await sign({ network: 'eip155:1' }), /must be on eip155:1/);
  assert.match(await sign({ network: 'solana:x' }), /must be on/);
  assert.match(await inner({ type: 'postpaid' }), /prepaid/);
  assert.match(await inner({ maxUnits: '0' }), /all units/);
  assert.match(await inner({ seller: 'me' }), /seller must be an account/);
  assert.match(await inner({ name: '' }), /name must be a text/);
  assert.match(await inner({ escrow: undefined }), /verifyingContract/);
  assert.match(await escrow({ version: '1' }), /version 2/);
  assert.match(await escrow({ chainId: 1 }), /must be on/);
  assert.match(await sign({}, { escrows: [account('d')] }), /none of the contracts/);
  assert.is(await sign({}, { escrows: [account('E')] }), 'signed');
});

test('no two payments are for the same session, and each is told before it leaves', async () => {
  const told: Deposit[] = [];
  const scheme = new SessionEvmScheme(signer, {
    onDeposit: (deposit) => void told.push(deposit),
    now: () => 5000,
  });
  await scheme.createPaymentPayload(2, asked);
  await scheme.createPaymentPayload(2, asked);
  assert.is(new Set(told.map(({ sessionId }) => sessionId)).size, 2);
  assert.equal(
    [told[0]!.validBefore, told[0]!.escrow, told[0]!.network],
    [3605n, account('e'), asked.network],
  );
});

onChain('a stock client with this scheme buys an x402r session at the page, and knows its id', async () => {
  const data = plan('data', { stepSize: 10_000, prices: [parsePrice('0.05 TUSD')!] });
  const offer = { plans: new Map([[data.id, data]]), methods: new Map() };
  const w = await world([new TestPortal('lan')], { offer });
  const backend = backendOf([shop.url]);
  assert.is(await backend.verify(), '');
  const open = backend.open.bind(backend);
  let opens = 0;
  backend.open = (order: PaymentOrder) => {
    opens += 1;
    return open(order);
  };
  w.backends = [backend];
  await w.crash();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const stall = await Stall.open(w);
  try {
    const told: Deposit[] = [];
    const onDeposit = (deposit: Deposit) => void told.push(deposit);
    const now = () => Date.now();

    const client = registerSessionScheme(new x402Client().setSpendControls(false), {
      signer,
      onDeposit,
      now,
    });
    const pay = wrapFetchWithPayment(fetch, client);
    const response = await stall.patiently(pay(`${stall.origin}/x402/data?steps=10`), () => opens);

    const { session } = (await response.json()) as { session: { state: string; granted: { bytes: number } } };
    assert.equal([response.status, session.state, session.granted.bytes], [200, 'active', 100_000]);
    const [deposit] = w.engine.accounts.book.deposits.all();
    assert.equal([told.length, told[0]?.sessionId], [1, deposit?.opened?.reference]);
    const [buyer, , held] = await scene.balances();
    assert.equal([buyer, held], [purse - 500_000n, 500_000n]);
  } finally {
    await stall.end();
  }
});

test('the stock client takes requirements of a router as they come', async () => {
  const requirements: PaymentRequirements = asked;
  const typed: SessionRequirements['scheme'] = 'session';
  const client = registerSessionScheme(new x402Client().setSpendControls(false), { signer });
  const resource = { url: 'http://portal.example/', description: '', mimeType: 'text/html' };
  const { accepted, payload } = await client.createPaymentPayload({
    ...{ x402Version: 2, resource, accepts: [requirements] },
  });
  assert.equal([accepted, Object.keys(payload).sort(), typed], [asked, ['consume', 'payload'], 'session']);
});

test.run();
