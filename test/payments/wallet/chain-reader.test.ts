// What the router believes of a chain: events found in windows of blocks, and the transfer that belongs to a payment.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keccak256, stringToHex } from 'viem/utils';
import { ChainReader } from '../../../src/payments/wallet/chain-reader.js';
import { type Rpc, RpcError } from '../../../src/payments/wallet/rpc.js';
import { findUse } from '../../../src/payments/wallet/token.js';
import type { Hex } from '../../../src/payments/wallet/typed-data.js';

const token: Hex = `0x${'aa'.repeat(20)}`;
const from: Hex = `0x${'01'.repeat(20)}`;
const [payee, other]: Hex[] = [`0x${'02'.repeat(20)}`, `0x${'03'.repeat(20)}`];
const nonce: Hex = `0x${'77'.repeat(32)}`;
const transaction: Hex = `0x${'99'.repeat(32)}`;
const word = (account: Hex): Hex => `0x${account.slice(2).padStart(64, '0')}`;
const topic = (event: string) => keccak256(stringToHex(event));
const hex = (n: number): Hex => `0x${n.toString(16)}`;

interface Raw {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

const used = (n: Hex = nonce): Raw => ({
  address: token,
  topics: [topic('AuthorizationUsed(address,bytes32)'), word(from), n],
  data: '0x',
});
const moved = (to: Hex, value: number, address: Hex = token): Raw => ({
  address,
  topics: [topic('Transfer(address,address,uint256)'), word(from), word(to)],
  data: word(hex(value)),
});

/** A chain of 100,000 blocks, a second each, with one transaction in block 5,000. */
class Tape {
  readonly asked: [number, number][] = [];
  status = '0x1';
  readonly #logs: object[];

  constructor(logs: readonly Raw[]) {
    const place = { transactionHash: transaction, blockNumber: hex(5000) };
    this.#logs = logs.map((log, i) => ({ ...log, ...place, logIndex: hex(i) }));
  }

  readonly rpc: Rpc = async <T>(method: string, params: readonly unknown[] = []) => {
    if (method === 'eth_chainId') return '0x7a69' as T;
    if (method === 'eth_getTransactionReceipt') {
      return { status: this.status, blockNumber: hex(5000), logs: this.#logs } as T;
    }
    if (method === 'eth_getBlockByNumber') {
      const number = params[0] === 'latest' ? 99_999 : Number(params[0]);
      return { number: hex(number), timestamp: hex(1_000_000 + number) } as T;
    }
    const [filter] = params as [{ fromBlock: string; toBlock: string; topics: [Hex[], Hex, Hex] }];
    const [first, last] = [Number(filter.fromBlock), Number(filter.toBlock)];
    this.asked.push([first, last]);
    if (first > 5000 || last < 5000) return [] as T;
    const fits = ({ topics }: { topics: Hex[] }) =>
      filter.topics[0].includes(topics[0]!) &&
      topics[1] === filter.topics[1] &&
      topics[2] === filter.topics[2];
    return this.#logs.filter((log) => fits(log as { topics: Hex[] })) as T;
  };

  find(since = 0n) {
    const chain = new ChainReader(this.rpc, { chainId: 31337n, logBlocks: 10_000n });
    return findUse(chain, token, from, nonce, since);
  }
}

test('a payment is the transfer behind the use of its authorization', async () => {
  const use = { transaction, block: 5000n, to: payee!, value: 7n };
  assert.equal(await new Tape([used(), moved(payee!, 7)]).find(), use);
  assert.equal(await new Tape([used(), moved(other!, 7, other), moved(payee!, 7)]).find(), use);
});

test('a transfer of another authorization in the same transaction does not count', async () => {
  const tape = new Tape([used(), moved(from, 7), used(`0x${'78'.repeat(32)}`), moved(payee!, 7)]);
  assert.equal(await tape.find(), { transaction, block: 5000n, to: from, value: 7n });
  assert.is(await new Tape([moved(payee!, 7), used()]).find(), undefined);
  assert.is(await new Tape([used(), moved(payee!, 7, other)]).find(), undefined, 'of another token');
});

test('a transaction that failed, a cancelled authorization', async () => {
  const failed = new Tape([used(), moved(payee!, 7)]);
  failed.status = '0x0';
  assert.is(await failed.find(), undefined);
  const cancelled = {
    ...used(),
    topics: [topic('AuthorizationCanceled(address,bytes32)'), word(from), nonce],
  };
  assert.is(await new Tape([cancelled]).find(), 'cancelled');
});

test('events are searched back in windows, no further than they can be', async () => {
  const tape = new Tape([used(), moved(payee!, 7)]);
  assert.ok(await tape.find());
  assert.equal([tape.asked[0], tape.asked.at(-1), tape.asked.length], [[90_000, 99_999], [0, 9999], 10]);
  tape.asked.length = 0;
  assert.is(await tape.find(1_085_000n), undefined);
  assert.equal(tape.asked, [
    [90_000, 99_999],
    [80_000, 89_999],
  ]);
});

test('an answer that makes no sense is no answer', async () => {
  for (const answer of [undefined, null, 'x', {}, [{}], [null]]) {
    const rpc = async <T>(method: string) => (method === 'eth_chainId' ? '0x7a69' : answer) as T;
    const chain = new ChainReader(rpc, { chainId: 31337n });
    for (const call of [
      () => chain.latest(),
      () => chain.call(token, '0x'),
      () => chain.isAuthorizationUsed(token, from, nonce),
      () => chain.newestLog({ address: token, topics: [] }, {}),
    ]) {
      const error = await call().then(
        () => undefined,
        (cause: unknown) => cause,
      );
      assert.instance(error, RpcError);
    }
  }
});

test.run();
