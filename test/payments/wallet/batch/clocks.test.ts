// A channel is served by the chain's clock, also where the router's is wrong. The chain is made up, call by call.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keccak256, stringToHex } from 'viem/utils';
import { collectorAddress } from '../../../../src/payments/wallet/batch/channel.js';
import { BatchContract } from '../../../../src/payments/wallet/batch/contract.js';
import { Deposits } from '../../../../src/payments/wallet/batch/deposits.js';
import type { BatchOrder } from '../../../../src/payments/wallet/batch/order.js';
import { ChainReader } from '../../../../src/payments/wallet/chain-reader.js';
import { FacilitatorClient } from '../../../../src/payments/wallet/facilitator-client.js';
import type { Rpc } from '../../../../src/payments/wallet/rpc.js';
import { Submitter } from '../../../../src/payments/wallet/submitter.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';

const hex = (n: number): Hex => `0x${n.toString(16)}`;
const word = (value: string | number): string =>
  (typeof value === 'number' ? value.toString(16) : value.slice(2)).padStart(64, '0');
const topic = (event: string) => keccak256(stringToHex(event));
const payer: Hex = `0x${'01'.repeat(20)}`;
const token: Hex = `0x${'aa'.repeat(20)}`;
const account: Hex = `0x${'02'.repeat(20)}`;

/** Unix seconds of the block with the deposit, and of the newest one, two blocks later. */
const [deposited, now] = [1_790_000_000, 1_790_000_100];
const [delay, margin] = [1_500, 600];

const order = {
  run: 'an earlier one',
  readAt: deposited,
  channelConfig: {
    ...{ payer, payerAuthorizer: payer, receiver: account, receiverAuthorizer: account, token },
    ...{ withdrawDelay: delay, salt: `0x${'05'.repeat(32)}` },
  },
  voucher: { channelId: `0x${'06'.repeat(32)}`, maxClaimableAmount: '50', signature: '0x' },
  deposit: {
    amount: '50',
    authorization: {
      erc3009Authorization: {
        ...{ validAfter: '0', validBefore: `${deposited + 300}` },
        ...{ salt: `0x${'07'.repeat(32)}`, signature: '0x' },
      },
    },
  },
} as unknown as BatchOrder;

/** The deposit is in block 8 of 10, and nothing was claimed. */
const rpc: Rpc = async <T>(method: string, params: readonly unknown[] = []) => {
  const log = (event: string, index: number, second: string, data: string) => ({
    ...{ address: token, topics: [topic(event), `0x${word(payer)}`, second], data },
    ...{ transactionHash: '0x9', blockNumber: hex(8), logIndex: hex(index) },
  });
  const logs = [
    log('AuthorizationUsed(address,bytes32)', 0, '0x8', '0x'),
    log('Transfer(address,address,uint256)', 1, `0x${word(collectorAddress)}`, hex(50)),
  ];
  const answers: Record<string, () => unknown> = {
    eth_chainId: () => '0x1',
    eth_getBlockByNumber: () =>
      params[0] === hex(8)
        ? { number: hex(8), timestamp: hex(deposited) }
        : { number: hex(10), timestamp: hex(now) },
    // `channels` has two words, the others one: the authorization is used, and no refund was made.
    eth_call: () => {
      const [{ to, data }] = params as [{ to: Hex; data: Hex }];
      if (to === token) return `0x${word(1)}`;
      return data.startsWith(topic('channels(bytes32)').slice(0, 10))
        ? `0x${word(50)}${word(0)}`
        : `0x${word(0)}`;
    },
    eth_getLogs: () => logs.slice(0, 1),
    eth_getTransactionReceipt: () => ({ status: '0x1', blockNumber: hex(8), logs }),
  };
  return answers[method]!() as T;
};

/** @param late how far the router's clock is behind the chain's, in seconds */
async function stateAt(late: number) {
  const chain = new ChainReader(rpc, { chainId: 1n });
  const submitter = new Submitter(new FacilitatorClient([]));
  const wall = () => (now - late) * 1000;
  const deposits = new Deposits({ chain, contract: new BatchContract(chain), submitter, margin, wall });
  const outcome = await deposits.look(order, 5n);
  if (outcome.kind !== 'confirmed' || outcome.value.is !== 'open') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

test('a router whose clock is behind stops to serve before the payer can take the money back', async () => {
  const safe = deposited + delay - margin - now;
  for (const late of [0, 840, 86_400]) {
    const { serveUntil } = (await stateAt(late)).opened;
    assert.is((serveUntil! - (now - late) * 1000) / 1000, safe, `${late} s behind`);
  }
});

test('a router whose clock is ahead stops by its own clock', async () => {
  const { serveUntil } = (await stateAt(-500)).opened;
  assert.is(serveUntil, (deposited + delay - margin) * 1000);
});

test('confirmations are the blocks on top of the deposit', async () => {
  assert.is((await stateAt(0)).confirmations, 2);
});

test.run();
