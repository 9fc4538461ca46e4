// Charges and closes of one seller that wait at the same time: one transaction, and each its own answer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFunctionResult } from 'viem/utils';
import { Batches, type Parcel } from '../../src/facilitator/batches.js';
import type { Request } from '../../src/facilitator/operation.js';
import { sessionEscrowAbi } from '../../src/payments/wallet/abi.js';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';
import { purse, type Scene } from '../contracts/scene.js';
import { onChain } from '../rig/on-chain.js';
import { until } from '../rig/until.js';
import { type Shop, told, withShop } from './shop.js';

const seller: Address = `0x${'a'.repeat(40)}`;

/** What a transaction for these weighs in the test: a call is 7, or what its name says. */
const gasOf = (name: string): bigint => BigInt(/\d+$/.exec(name)?.[0] ?? 7);

interface Desk {
  readonly sent: string[][];
  readonly booked: Map<string, bigint>;
  join(name: string): Promise<string>;
}

/** Batches over a node that refuses some calls in a batch, and a seller with so much gas. */
function desk(parts: {
  refused?: string[];
  poor?: string[];
  carry?: () => void;
  giveBack?: () => void;
  isAway?: boolean;
}): Desk {
  const { refused = [], poor = [], carry = () => {}, giveBack = () => {}, isAway = false } = parts;
  const sent: string[][] = [];
  const booked = new Map<string, bigint>();
  const names = new Map<Hex, string>();
  const call = async (_to: Address, data: Hex) => {
    if (isAway) throw new Error('away');
    const all = [...names].filter(([hex]) => data.includes(hex.slice(2))).map(([, name]) => name);
    const done = all.reduce(
      (bits, name, i) => (refused.includes(name) ? bits : bits | (1n << BigInt(i))),
      0n,
    );
    return encodeFunctionResult({ abi: sessionEscrowAbi, functionName: 'batch', result: done });
  };
  const batches = new Batches({
    chain: { call, escrow: `0x${'e'.repeat(40)}` },
    waitMs: 0,
    carry: async (requests) => {
      carry();
      sent.push(requests.map(({ id }) => id));
    },
  });
  const parcel = (name: string): Parcel => {
    const data: Hex = `0x${Buffer.from(name.padEnd(16)).toString('hex')}`;
    names.set(data, name);
    const book = (gas: bigint) => {
      if (poor.includes(name)) throw new Error('budget_spent');
      if (gas < 0n) giveBack();
      booked.set(name, (booked.get(name) ?? 0n) + gas);
    };
    const alone = async () => {
      book(gasOf(name));
      sent.push([name]);
    };
    return { request: { id: name } as Request, data, seller, gas: gasOf(name), book, alone };
  };
  const join = (name: string) =>
    batches.join(parcel(name)).then(
      () => 'sent',
      (cause: Error) => cause.message,
    );
  return { sent, booked, join };
}

test('charges that wait at the same time are one transaction, and a single one is itself', async () => {
  const { sent, join, booked } = desk({});
  assert.is(await join('first'), 'sent');
  assert.equal(await Promise.all(['a', 'b', 'c'].map(join)), ['sent', 'sent', 'sent']);
  assert.equal(sent, [['first'], ['a', 'b', 'c']]);
  assert.equal([...booked.values()], [7n, 7n, 7n, 7n]);
});

test('a charge that would be refused goes by itself, and a seller without gas is told so: the others go', async () => {
  const { sent, join } = desk({ refused: ['bad'], poor: ['dear'] });
  const told = await Promise.all(['a', 'bad', 'dear', 'b'].map(join));
  assert.equal(told, ['sent', 'sent', 'budget_spent', 'sent']);
  assert.equal(sent.map((names) => names.join()).sort(), ['a,b', 'bad']);
});

test('when nothing could be sent, all are told so and no gas stays booked', async () => {
  const carry = () => {
    throw new Error('overloaded');
  };
  const { sent, join, booked } = desk({ carry });
  assert.equal(await Promise.all(['a', 'b'].map(join)), ['overloaded', 'overloaded']);
  assert.equal([sent.length, ...booked.values()], [0, 0n, 0n]);
});

test('while the disk is full each is told so, and those who come later are served', async () => {
  let isFull = true;
  const full = () => {
    if (isFull) throw new Error('disk is full');
  };
  const { sent, join, booked } = desk({ carry: full, giveBack: full });
  assert.equal(await Promise.all(['a', 'b', 'c'].map(join)), [
    'disk is full',
    'disk is full',
    'disk is full',
  ]);
  isFull = false;
  assert.equal(await Promise.all(['d', 'e'].map(join)), ['sent', 'sent']);
  assert.equal(sent, [['d', 'e']]);
  assert.is(booked.get('d'), 7n);
});

test('no transaction holds more calls or more gas than every chain takes', async () => {
  const { sent, join } = desk({});
  await Promise.all(
    Array.from({ length: 70 }, (_, i) => join(`c${'abcdefgh'[i % 8]}${'ijklmnopq'[i >> 3]}`)),
  );
  assert.equal(
    sent.map((names) => names.length),
    [64, 6],
  );
  sent.length = 0;
  await Promise.all(['a5000000', 'b2000000', 'c2000000', 'd9000000', 'e1'].map(join));
  assert.equal(
    sent.map((names) => names.join()),
    ['a5000000,b2000000', 'c2000000', 'd9000000', 'e1'],
  );
});

test('when the node does not say what would pass, each goes by itself', async () => {
  const { sent, join } = desk({ isAway: true });
  assert.equal(await Promise.all(['a', 'b'].map(join)), ['sent', 'sent']);
  assert.equal(sent, [['a'], ['b']]);
});

let scene: Scene;
let shop: Shop;
withShop((nextScene, nextShop) => {
  [scene, shop] = [nextScene, nextShop];
});

/** Waits so long that most of what is asked at once goes together. */
async function restart(replyTimeoutMs = 60_000): Promise<void> {
  await shop.stop();
  await shop.start({ replyTimeoutMs, network: { batchMs: 100 } });
}

onChain(
  'sessions that are charged and closed at the same time: exact, and each repeat the same',
  async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => shop.session()));
    await restart();
    const requests = await Promise.all(ids.map((id, i) => scene.consumeRequest(id, BigInt(i + 1), 0n)));
    const charge = () => Promise.all(requests.map((request) => shop.post('/session/consume', request)));
    const charged = await charge();
    assert.equal(new Set(charged.map(told)), new Set(['200 ok']));
    assert.equal(
      charged.map(({ unitsConsumed }) => unitsConsumed),
      ids.map((_, i) => `${i + 1}`),
    );
    assert.equal(await charge(), charged);
    const closes = await Promise.all(ids.map((id, i) => scene.seller.closeRequest(id, BigInt(i + 1))));
    const close = () => Promise.all(closes.map((request) => shop.post('/session/close', request)));
    const closed = await close();
    assert.equal(new Set(closed.map(told)), new Set(['200 ok']));
    await restart();
    assert.equal(await charge(), charged, 'also after a restart');
    assert.equal(await close(), closed);
    assert.equal(await scene.balances(), [purse - 15n, 15n, 0n, 0n]);
  },
);

onChain('a charge in a batch that is too late when it is mined takes nobody down', async () => {
  const [one, two] = await Promise.all([shop.session(), shop.session()]);
  await restart(300);
  await scene.chain.rpc('evm_setAutomine', [false]);
  const requests = await Promise.all([one, two].map((id) => scene.consumeRequest(id, 5n, 0n)));
  const charge = () =>
    Promise.all(requests.map(async (body) => told(await shop.post('/session/consume', body))));
  await until('both are sent', async () =>
    (await charge()).every((code) => code === '202 settlement_pending'),
  );
  const close = scene.escrow.encode('closeSession', one);
  const sooner = { from: scene.seller.address, to: scene.escrow.address, data: close, gas: '0x60000' };
  await scene.chain.rpc('eth_sendTransaction', [{ ...sooner, gasPrice: '0x2540be40000' }]);
  await scene.chain.rpc('evm_setAutomine', [true]);
  await scene.chain.mine();
  const ends = ['409 session_closed', '200 ok'];
  await until('both have ended', async () => `${await charge()}` === `${ends}`);
  assert.equal(await scene.balances(), [purse - 1_000_000n, 0n, 1_000_000n, 0n]);
});

test.run();
