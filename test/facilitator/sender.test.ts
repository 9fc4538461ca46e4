// What sellers' gas is booked for: calls that are on their way, and nothing else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NetworkConfig } from '../../src/facilitator/config.js';
import type { Goal } from '../../src/facilitator/goal.js';
import type { Journal } from '../../src/facilitator/journal.js';
import { Sender } from '../../src/facilitator/sender.js';
import { Signer } from '../../src/facilitator/signer.js';
import { RpcError } from '../../src/payments/wallet/rpc.js';
import type { Chain } from '../../src/payments/wallet/session-chain.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';

const escrow: Hex = `0x${'e'.repeat(40)}`;
const key: Hex = `0x${'1'.repeat(64)}`;
const config = { maxFeePerGas: 100n, maxPending: 4, pollMs: 60_000, gasLimit: 500_000n, sellers: 'any' };

/** A sender whose node, or whose disk, fails at one place; `submit` says what is booked afterwards. */
function senderThat(fails: 'counting' | 'writing' | 'nowhere') {
  const written: string[] = [];
  const journal = {
    pending: () => [],
    batchesOf: () => [],
    unsettle: () => [],
    send: (requests: readonly { id: string }[]) => {
      if (fails === 'writing') throw new Error('disk is full');
      written.push(...requests.map(({ id }) => id));
    },
  } as unknown as Journal;
  const chain = {
    ...{ escrow, chainId: 31_337n, estimate: async () => 80_000n, rpc: async () => null },
    latest: async () => ({ number: 1n, baseFee: 10n }),
    quantity: async (method: string) => {
      if (fails === 'counting' && method === 'eth_getTransactionCount')
        throw new RpcError('unreachable', 'too many requests');
      return method === 'eth_getBalance' ? 10n ** 18n : 0n;
    },
  } as unknown as Chain;
  const signers = [new Signer(key, 'eip155:31337', chain, journal)];
  const parts = { chain, journal, signers, log: () => {} };
  const sender = new Sender('eip155:31337', config as unknown as NetworkConfig, parts);
  const submit = async () => {
    let booked = 0n;
    const goal = {
      ...{ network: { chain, config, signers }, seller: escrow, data: '0x12345678' },
      request: { id: 'charge' },
    } as unknown as Goal;
    const said = await sender
      .submit(goal, (gas) => {
        booked += gas;
      })
      .then(
        () => 'sent',
        (cause: Error) => cause.message,
      );
    sender.close();
    return { said, booked, load: signers[0]!.load, written };
  };
  return { submit };
}

test('gas is booked for a call that is on its way', async () => {
  const { said, booked, written } = await senderThat('nowhere').submit();
  assert.equal([said, booked, written], ['sent', 100_000n, ['charge']]);
});

test('a node that fails before the call is signed costs the seller no gas of the day', async () => {
  const { said, booked, load } = await senderThat('counting').submit();
  assert.equal([said, booked, load], ['too many requests', 0n, 0]);
});

test('a call that could not be written down costs none either', async () => {
  const { said, booked, load, written } = await senderThat('writing').submit();
  assert.equal([said, booked, load, written], ['disk is full', 0n, 0, []]);
});

test.run();
