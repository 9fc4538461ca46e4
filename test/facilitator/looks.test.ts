// What the facilitator makes of a node that is behind, or speaks of two blocks at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { consumeGoal } from '../../src/facilitator/consume.js';
import { openDatabase } from '../../src/facilitator/database.js';
import type { Goal } from '../../src/facilitator/goal.js';
import { Journal } from '../../src/facilitator/journal.js';
import type { Network } from '../../src/facilitator/network.js';
import type { Request, Sent } from '../../src/facilitator/operation.js';
import { Operations } from '../../src/facilitator/operations.js';
import { type ConsumeOrder, readConsume } from '../../src/facilitator/requests.js';
import type { Block } from '../../src/payments/wallet/node-replies.js';

const [buyer, seller, token] = ['b', 'a', '7'].map((digit) => `0x${digit.repeat(40)}`);
const block: Block = { number: 9n, timestamp: 1n, baseFee: 1n, transactions: 1 };
const order: ConsumeOrder = readConsume({
  ...{ sessionId: `0x${'5'.repeat(64)}`, network: 'eip155:1', nonce: `0x${'1'.repeat(64)}` },
  ...{ units: '50', unitsUsedBefore: '0', consumedAmount: '30' },
  ...{ signature: `0x${'2'.repeat(130)}`, buyerSignature: `0x${'3'.repeat(130)}` },
});

interface Charge {
  readonly unitsUsed: bigint;
  readonly nonce?: string;
}

/** How a charge, of 30 unless it says otherwise, looks to a node that says so much is used, and has these events, oldest first. */
async function lookAt(
  unitsUsed: bigint,
  charges: readonly Charge[],
  beginning = true,
  consumedAmount = 30n,
): Promise<string> {
  const session = { buyer, seller, token, unitsUsed, pricePerUnit: 1n, totalDeposit: 99n, closed: false };
  const event = async (name: string, _id: string, _block: Block, only?: { nonce: string }) => {
    if (name === 'SessionCreated') return beginning ? { args: {} } : undefined;
    const found = charges.findLast(({ nonce = order.nonce }) => !only || nonce === only.nonce);
    return found && { args: { units: 1n, ...found }, transaction: '0x1', block: 9n };
  };
  const chain = { separator: '0x', session: async () => session, event };
  const parties = async () => session;
  const network = { id: 'eip155:1', chain, parties, checkSignature: async () => true } as unknown as Network;
  const { look } = await consumeGoal(network, { ...order, consumedAmount });
  return look(block).then(
    (reached) => (reached ? 'reached' : 'not yet'),
    (cause) => cause.code,
  );
}

test('a charge whose event the node does not show yet is looked at again, and never called stale', async () => {
  assert.is(await lookAt(30n, [{ unitsUsed: 30n }]), 'reached');
  assert.is(await lookAt(10n, [{ unitsUsed: 10n }]), 'not yet');
  assert.is(await lookAt(30n, []), 'unreachable', 'the state of the next block, and no events of it');
  assert.is(await lookAt(30n, [{ unitsUsed: 10n }]), 'unreachable');
});

test('a charge that another one has overtaken is stale, however long ago that was', async () => {
  const other = `0x${'9'.repeat(64)}`;
  assert.is(await lookAt(40n, [{ unitsUsed: 10n }, { unitsUsed: 40n, nonce: other }]), 'stale_units');
  assert.is(await lookAt(40n, [{ unitsUsed: 30n }, { unitsUsed: 40n }]), 'stale_units');
  assert.is(await lookAt(0n, [], true, 0n), 'stale_units', 'nothing is no charge');
  assert.is(await lookAt(40n, [], false), 'stale_units', 'its events are too old to be found');
});

/** What an operation does whose transaction is mined, where the node is behind at first: its reply, and what was sent. */
async function behind(isTogether: boolean): Promise<{ reply: object; sent: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const journal = new Journal(openDatabase(directory));
  const request: Request = { id: 'a', kind: 'consume', network: 'eip155:1', sessionId: '0x1', request: '{}' };
  const name = isTogether ? 'batch b' : 'a';
  const mined: Sent = {
    ...{ hash: '0x2', operation: name, network: 'eip155:1' },
    signer: '0x3',
    nonce: 0,
    raw: '0x',
  };
  journal.send([request], mined);
  journal.settle(mined, 'mined');
  let [looks, sent] = [0, 0];
  const chain = {
    check: async () => {},
    latest: async () => ({ ...block, number: looks < 3 ? 9n : 12n }),
    receipt: async () => (looks < 2 ? undefined : { block: 12n, ok: true }),
  };
  const sender = {
    ...{ isPending: () => false, takeBack: async () => {}, next: async () => {} },
    submit: async () => {
      sent += 1;
    },
  };
  const network = { chain, sender, config: { confirmations: 1 }, allowance: {} } as unknown as Network;
  const look = async ({ number }: Block) => {
    looks += 1;
    return number < 12n ? undefined : { blockNumber: 12n, reply: { success: true } };
  };
  const goal = { network, request, seller, data: '0x', look, admit: async () => {} } as unknown as Goal;
  const operations = new Operations(journal, { replyTimeoutMs: 60_000, log: () => {}, ended: () => {} });
  const reply = await operations.perform(goal).catch((cause) => ({ code: cause.code }));
  journal.close();
  rmSync(directory, { recursive: true });
  return { reply, sent };
}

test('what was mined is not refused, or paid for again, by what a node says that is behind', async () => {
  for (const isTogether of [false, true])
    assert.equal(
      await behind(isTogether),
      { reply: { success: true }, sent: 0 },
      `in a batch: ${isTogether}`,
    );
});

test.run();
