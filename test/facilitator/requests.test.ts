// What clients may write in a request: each spelling is one operation, and nothing is guessed.
import { EVM_NETWORK_CHAIN_ID_MAP } from '@x402/evm/v1';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FacilitatorError } from '../../src/facilitator/error.js';
import type { Request } from '../../src/facilitator/operation.js';
import { readClose, readConsume, readCreate, readPlace, requestOf } from '../../src/facilitator/requests.js';
import { networkNames } from '../../src/facilitator/spellings.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';

const network = 'eip155:8453';
const account = (digit: string): Hex => `0x${digit.repeat(40)}`;
const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const signature: Hex = `0x${'ab'.repeat(65)}`;

const authorization = {
  ...{ from: account('a'), to: account('b'), value: '1000000' },
  ...{ validAfter: '0', validBefore: '1900000000', nonce: word('c') },
};
const terms = { type: 'prepaid', pricePerUnit: '10', maxUnits: '100000', duration: '3600' };
const session = { ...terms, seller: account('d'), salt: word('e') };

interface Change {
  readonly network?: unknown;
  readonly authorization?: object;
  readonly session?: object;
  readonly amount?: unknown;
}

function create(change: Change = {}) {
  const { network: place = network, amount = '1000000' } = change;
  return {
    x402Version: 2,
    paymentPayload: {
      network: place,
      authorization: { ...authorization, ...change.authorization },
      signature,
      extensions: { session: { ...session, ...change.session } },
    },
    paymentRequirements: { asset: account('f'), amount, network: place },
  };
}

const total = { units: '100', unitsUsedBefore: '255', nonce: word('c'), buyerSignature: signature };
const consume = { sessionId: word('a'), network, ...total, consumedAmount: '3550', signature };
const close = { sessionId: word('a'), network, signature, consumedAmount: '3550', consume: total };

const created = (body: object): Request => requestOf('create', network, word('a'), readCreate(body));
const consumed = (body: object): Request => requestOf('consume', network, word('a'), readConsume(body));
const closed = (body: object): Request => requestOf('close', network, word('a'), readClose(body));

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (cause) {
    if (cause instanceof FacilitatorError && cause.code === 'bad_request') return cause.message;
    throw cause;
  }
  return 'taken';
}

test('what the last version began is found again', () => {
  assert.equal(
    [created(create()).id, consumed(consume).id, closed(close).id],
    [
      '824345a608c82c4f60aca67887742e2ff6a0e25854eeaa8d607f562f603529b4',
      '042c472b29223152564cdb850f3d8c8a6f05a93c9dbb95ee6114daf45b99e2d4',
      'b37fc6d6e6c0e9395b2327d71833e9ea8122eab634f764f43fc213bffcffd027',
    ],
  );
});

test('a deposit in another spelling is the same operation', () => {
  const other = create({
    network: 'base',
    amount: '0xF4240',
    authorization: { value: '0x0f4240', validAfter: '0x0', validBefore: '0x713fb300', nonce: 'C'.repeat(64) },
    session: { pricePerUnit: '0xa', maxUnits: 100_000, duration: '0xe10', salt: 'e'.repeat(64) },
  });
  assert.equal(created(other), created(create()));
});

test('a charge and a close in another spelling are the same operation', () => {
  const spelt = { units: '0x64', unitsUsedBefore: `0x${'0'.repeat(62)}ff`, nonce: 'c'.repeat(64) };
  const place = { sessionId: 'A'.repeat(64), network: 'base', consumedAmount: '0xdde' };
  assert.equal(consumed({ ...consume, ...spelt, ...place }), consumed(consume));
  assert.equal(closed({ ...close, ...place, consume: { ...total, ...spelt } }), closed(close));
});

test('what the journal keeps is read as it was', () => {
  for (const one of [create(), create({ network: 'base', session: { salt: undefined } })]) {
    const kept = created(one);
    assert.equal(created(JSON.parse(kept.request) as object), kept);
    assert.not.match(kept.request, '"base"');
  }
});

test('a session is looked up by the name of its network, and by its id without 0x', () => {
  assert.equal(readPlace({ network: 'base-sepolia', id: 'AB'.repeat(32) }), {
    network: 'eip155:84532',
    id: `0x${'ab'.repeat(32)}`,
  });
});

test('without a salt it is the end of the authorization: the same for a repeat, another for the next purchase', () => {
  const { salt: _, ...unsalted } = session;
  const body = (validBefore: string) => {
    const one = create({ authorization: { validBefore } });
    return { ...one, paymentPayload: { ...one.paymentPayload, extensions: { session: unsalted } } };
  };
  const salt = `${'0'.repeat(56)}713fb300`;
  assert.is(readCreate(body('1900000000')).paymentPayload.extensions.session.salt, `0x${salt}`);
  const written = created(create({ session: { salt } }));
  assert.equal(created(body('1900000000')), written);
  assert.equal(created(body('0x713fb300')), written);
  assert.is.not(created(body('1900000001')).id, written.id);
  assert.match(
    refusal(() => readCreate(create({ session: { salt: null } }))),
    'session.salt',
  );
});

test('a name of a network is what x402 itself means by it', () => {
  const theirs: Readonly<Record<string, number>> = EVM_NETWORK_CHAIN_ID_MAP;
  for (const [name, chainId] of networkNames) {
    assert.is(theirs[name], chainId, name);
    assert.is(readPlace({ network: name, id: word('a') }).network, `eip155:${chainId}`);
  }
});

const noNumbers = [
  '',
  '0x',
  '0X10',
  '0xzz',
  '10h',
  'ff',
  ' 0x10',
  '0x10 ',
  '0x 10',
  '1_000',
  '1,000',
  '0b11',
];
const worse = [
  '-1',
  '-0x1',
  '+1',
  '1.0',
  '1e3',
  '١',
  -1,
  1.5,
  2 ** 53,
  null,
  true,
  ['0x10'],
  { hex: '0x10' },
];
const large = [`${2n ** 256n}`, '9'.repeat(79), `0x${'0'.repeat(64)}1`, `0x1${'0'.repeat(64)}`];

test('a number that can be read in two ways, or not at all, is refused by its name', () => {
  for (const bad of [...noNumbers, ...worse, ...large]) {
    const told = refusal(() => readConsume({ ...consume, units: bad }));
    assert.match(told, /^units: must be a whole number below 2\^256/, JSON.stringify(bad));
  }
  assert.is(readConsume({ ...consume, units: `0x${'f'.repeat(64)}` }).units, 2n ** 256n - 1n);
});

test('an id of another length is refused, never filled up or cut', () => {
  const bad = ['', '0x', 'a'.repeat(63), 'a'.repeat(65), `0x${'a'.repeat(62)}`, `0x${'a'.repeat(63)}`];
  for (const id of [...bad, `0x${'a'.repeat(65)}`, `0X${'a'.repeat(64)}`, `0x0x${'a'.repeat(62)}`, 1, null]) {
    const told = refusal(() => readConsume({ ...consume, sessionId: id }));
    assert.match(told, /^sessionId: /, JSON.stringify(id));
  }
  for (const seller of ['d'.repeat(40), `0x${'d'.repeat(39)}`])
    assert.match(
      refusal(() => readCreate(create({ session: { seller } }))),
      'session.seller',
    );
});

test('a network that is no name of x402 is refused', () => {
  const bad = [
    'Base',
    ' base',
    'base ',
    'solana',
    '8453',
    '0x2105',
    'constructor',
    '__proto__',
    '',
    null,
    8453,
  ];
  for (const place of bad)
    assert.match(
      refusal(() => readConsume({ ...consume, network: place })),
      /^network: /,
      String(place),
    );
});

test('what the plan leaves out, and is not safe without, is named', () => {
  for (const name of ['unitsUsedBefore', 'nonce', 'consumedAmount', 'signature'])
    assert.match(
      refusal(() => readConsume({ ...consume, [name]: undefined })),
      new RegExp(`^${name}: `),
    );
});

test.run();
