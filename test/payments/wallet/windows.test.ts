// A node that searches fewer blocks for events than it is asked to, or none; and what it says in control characters.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ChainReader } from '../../../src/payments/wallet/chain-reader.js';
import { httpRpc, type Rpc, type RpcCode, RpcError } from '../../../src/payments/wallet/rpc.js';
import type { Hex } from '../../../src/payments/wallet/typed-data.js';

const contract: Hex = `0x${'aa'.repeat(20)}`;
const filter = { address: contract, topics: [] };
const hex = (n: number): Hex => `0x${n.toString(16)}`;

/** A chain of 100,000 blocks with one event, whose node searches only so many blocks at once. */
class Node {
  readonly widths: number[] = [];
  readonly #most: number;
  readonly #event: number;
  error = new RpcError('refused', 'eth_getLogs: query exceeds max block range');

  constructor(most: number, event: number) {
    this.#most = most;
    this.#event = event;
  }

  readonly rpc: Rpc = async <T>(method: string, params: readonly unknown[] = []) => {
    if (method === 'eth_chainId') return '0x1' as T;
    if (method === 'eth_getBlockByNumber') return { number: hex(99_999), timestamp: '0x1' } as T;
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: Hex; toBlock: Hex }];
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    this.widths.push(to - from + 1);
    if (to - from + 1 > this.#most) throw this.error;
    if (from > this.#event || to < this.#event) return [] as T;
    const place = { transactionHash: '0x1', blockNumber: hex(this.#event), logIndex: '0x0' };
    return [{ address: contract, topics: [], data: '0x', ...place }] as T;
  };

  readonly chain = new ChainReader(this.rpc, { chainId: 1n, logBlocks: 5_000n });
}

async function failure(call: Promise<unknown>): Promise<RpcError> {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.instance(error, RpcError);
  return error as RpcError;
}

for (const most of [4999, 1000, 500, 10, 1]) {
  test(`an event is found at a node that searches ${most} blocks at once`, async () => {
    const node = new Node(most, 99_990);
    assert.is((await node.chain.newestLog(filter, {}))?.block, 99_990n);
    const learnt = node.widths.length;
    await node.chain.newestLog(filter, {});
    assert.ok(
      node.widths.slice(learnt).every((width) => width <= most),
      'it is refused no second time',
    );
  });
}

test('an event is found as far back as before, where the node searches a tenth', async () => {
  const node = new Node(500, 60_000);
  assert.is((await node.chain.newestLog(filter, {}))?.block, 60_000n);
});

test('limits of which providers tell as of an overload are understood, and overloads are not taken for them', async () => {
  const errors: [RpcCode, string, boolean][] = [
    ['unreachable', 'eth_getLogs: query returned more than 10000 results', true],
    ['unreachable', 'eth_getLogs: limit exceeded', true],
    ['refused', 'eth_getLogs: Log response size exceeded', true],
    ['unreachable', 'eth_getLogs: daily request count exceeded, request rate limited', false],
    ['unreachable', 'eth_getLogs: the node does not answer', false],
  ];
  for (const [code, text, isLimit] of errors) {
    const node = new Node(100, 99_990);
    node.error = new RpcError(code, text);
    if (isLimit) assert.ok(await node.chain.newestLog(filter, {}), text);
    else assert.is(await failure(node.chain.newestLog(filter, {})), node.error);
    if (!isLimit) assert.is(node.widths.length, 1);
  }
});

test('a node that gives no events at all is found out, and not thought narrow', async () => {
  const node = new Node(0, 99_990);
  assert.is(await failure(node.chain.findWidth(contract)), node.error);
  node.widths.length = 0;
  await failure(node.chain.newestLog(filter, {}));
  assert.is(node.widths[0], 5_000);
});

test('a search takes no more than some hundred calls', async () => {
  const node = new Node(1, 5);
  assert.is(await node.chain.newestLog(filter, {}), undefined);
  assert.ok(node.widths.length < 500, `${node.widths.length}`);
});

test('what a node says has no control characters and one line', async () => {
  const error = { code: -32000, message: 'no\n\u001b[2Jsuch\u0007 thing\u0000' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { message } = await failure(httpRpc(`http://127.0.0.1:${port}`, 60_000)('eth_call'));
  assert.is(message, 'eth_call: no  [2Jsuch  thing ');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test.run();
