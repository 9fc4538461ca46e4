// What a router believes of a session while reorganisations are still possible. The chain is made up, call by call.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentOrder } from '../../../../src/domain/deposit-scheme.js';
import { unopened } from '../../../../src/payments/wallet/session/outcomes.js';
import { look, type Watch } from '../../../../src/payments/wallet/session/sight.js';
import type { Chain, ChainSession } from '../../../../src/payments/wallet/session-chain.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';

const [buyer, seller, token]: Hex[] = ['01', '02', '03'].map((byte): Hex => `0x${byte.repeat(20)}`);
const validBefore = 1_000_000;
const order = {
  id: '0x1',
  buyer,
  units: '10',
  unitPrice: '5',
  payload: {
    paymentPayload: {
      authorization: { from: buyer, nonce: '0x2', validBefore: `${validBefore}` },
      extensions: { session: { seller } },
    },
    paymentRequirements: { asset: token, amount: '50' },
  },
} as unknown as PaymentOrder;

const session: ChainSession = {
  ...{ buyer: buyer!, seller: seller!, token: token!, totalDeposit: 50n, pricePerUnit: 5n, unitsUsed: 4n },
  ...{ expiresAt: 2_000_000n, closableAt: 2_000_000n, closed: false, closeRequested: false, status: 0 },
};

/** The chain at a block, with or without the session, whose last event is in block 100. */
function watchOf(block: { number: bigint; timestamp?: bigint }, is?: Partial<ChainSession>): Watch {
  const { buyer, seller, token, totalDeposit, pricePerUnit, expiresAt } = session;
  const created = { buyer, seller, token, totalDeposit, pricePerUnit, expiresAt };
  const args = { SessionCreated: created, SessionClosed: { sellerAmount: 20n, buyerRefund: 30n } };
  const chain = {
    check: async () => {},
    latest: async () => ({ timestamp: 1_000n, ...block }),
    session: async () => is && { ...session, ...is },
    isAuthorizationUsed: async () => false,
    receipt: async () => ({ ok: true }),
    event: async (name: keyof typeof args) => ({ args: args[name], transaction: '0x3', block: 100n }),
  };
  return { chain: chain as unknown as Chain, marginMs: 0, finality: 3, wall: () => 1_000_000 };
}

test('a close tells how many blocks are on top of it', async () => {
  for (const [number, confirmations] of [
    [100n, 0],
    [102n, 2],
    [103n, 3],
  ] as const) {
    const sight = await look(watchOf({ number }, { closed: true }), order);
    assert.equal(sight, {
      is: 'closed',
      closed: { transaction: '0x3', sellerAmount: '20', buyerRefund: '30' },
      confirmations,
    });
  }
});

test('a deposit is refused as expired when no reorganisation can bring it any more', async () => {
  const said = { is: 'silent', detail: 'nobody answers' } as const;
  for (const [late, kind] of [
    [0, 'unknown'],
    [120, 'unknown'],
    [121, 'rejected'],
  ] as const) {
    const sight = await look(watchOf({ number: 1n, timestamp: BigInt(validBefore + late) }), order);
    if (sight.is !== 'gone') throw new Error(sight.is);
    assert.is(unopened(said, sight).kind, kind, `${late} s`);
  }
});

test.run();
