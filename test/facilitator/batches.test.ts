// Charges of one seller that wait at the same time, over a node that is made up: what goes together, and who is told what.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFunctionResult } from 'viem/utils';
import { Batches, type Parcel } from '../../src/facilitator/batches.js';
import type { Request } from '../../src/facilitator/operation.js';
import { sessionEscrowAbi } from '../../src/payments/wallet/abi.js';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';

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

test.run();
