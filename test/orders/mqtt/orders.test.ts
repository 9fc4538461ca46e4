// Orders from upstream: what is allowed, once for each key, and answered where answers may go.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePlain, encodePlain } from '../../../src/mqtt/message.js';
import { type OrderName, orderNames } from '../../../src/mqtt/section.js';
import { type Asked, Orders } from '../../../src/orders/mqtt/orders.js';
import fc from '../../rig/properties.js';

type Table = Readonly<Record<string, unknown>>;

class World {
  readonly done: [string, Table][] = [];
  readonly warned: string[] = [];
  answer: (method: string) => Promise<Table> = async (method) => ({ did: method });
  readonly orders: Orders;

  constructor(allowed: readonly OrderName[] = orderNames) {
    this.orders = new Orders({
      prefix: 'isp/turnpike',
      router: 'r1',
      allowed,
      execute: (method, args) => {
        this.done.push([method, args]);
        return this.answer(method);
      },
      warn: (text) => this.warned.push(text),
    });
  }

  async ask(order: object, more: Partial<Asked> = {}): Promise<{ topic: string; says: Table } | undefined> {
    const payload = Buffer.from(JSON.stringify(order));
    const answer = await this.orders.take({ payload, retained: false, ...more });
    return answer && { topic: answer.topic, says: decodePlain(answer.payload) as Table };
  }
}

const codeOf = (answer: { says: Table } | undefined) => (answer?.says.error as Table | undefined)?.code;
const close = { command: 'close', idempotency_key: 'k1', arguments: { id: 's1', reason: 'admin' } };

test('an order is carried out and answered, in its own format, where it asks for', async () => {
  const world = new World();
  assert.equal(await world.ask(close, { responseTopic: 'isp/turnpike/noc/answers' }), {
    topic: 'isp/turnpike/noc/answers',
    says: { command: 'close', idempotency_key: 'k1', result: { did: 'close' } },
  });
  const packed = encodePlain({ ...close, idempotency_key: 'k2' }, 'msgpack');
  const answer = await world.orders.take({ payload: packed, retained: false });
  assert.is(answer?.topic, 'isp/turnpike/r1/reply');
  assert.not(answer!.payload.toString().startsWith('{'));
  assert.equal((decodePlain(answer!.payload) as Table).result, { did: 'close' });
  assert.equal(world.done[0], ['close', { id: 's1', reason: 'admin' }]);
});

test('the key of a grant is the engine’s own', async () => {
  const world = new World();
  await world.ask({ command: 'grant', idempotency_key: 'g1', arguments: { mac: 'm', bytes: 5 } });
  assert.equal(world.done, [['grant', { mac: 'm', bytes: 5, idempotency_key: 'g1' }]]);
});

test('the same key does it once, however often and however fast it comes', async () => {
  const world = new World();
  const answers = await Promise.all([world.ask(close), world.ask(close), world.ask(close)]);
  assert.equal(await world.ask(close), answers[0]);
  assert.equal(new Set(answers.map((a) => JSON.stringify(a))).size, 1);
  assert.is(world.done.length, 1);
  assert.is(codeOf(await world.ask({ ...close, arguments: { id: 's2' } })), 'key_conflict');
  assert.is(world.done.length, 1);
});

test('what is not allowed, has no key or makes no sense is refused, and nothing is done', async () => {
  const world = new World(['status']);
  const cases: [object, string][] = [
    [close, 'not_allowed'],
    [{ command: 'quote', idempotency_key: 'k' }, 'bad_argument'],
    [{ command: 'purchase', idempotency_key: 'k' }, 'not_allowed'],
    [{ command: 'voucher_create', idempotency_key: 'k' }, 'not_allowed'],
    [{ command: 'status' }, 'bad_key'],
    [{ command: 'status', idempotency_key: 'a b' }, 'bad_key'],
    [{ command: 'status', idempotency_key: 'k', arguments: [] }, 'bad_argument'],
    [{}, 'bad_argument'],
    [{ command: 'constructor', idempotency_key: 'k' }, 'bad_argument'],
  ];
  for (const [order, code] of cases) assert.is(codeOf(await world.ask(order)), code, JSON.stringify(order));
  assert.equal(world.done, []);
});

test('a close names the session or the user: a device may have another session when the message comes again', async () => {
  const world = new World();
  const byMac = { command: 'close', idempotency_key: 'k', arguments: { mac: '02:00:00:00:00:01' } };
  assert.is(codeOf(await world.ask(byMac)), 'bad_argument');
  assert.equal(world.done, []);
});

test('a user is logged out, and a close by user ends their sessions, under the order’s own key', async () => {
  const world = new World();
  const order = (command: string, key: string, args: object) =>
    world.ask({ command, idempotency_key: key, arguments: args });
  await order('logout_user', 'l1', { user: 'ada' });
  await order('close', 'c1', { user: 'ada' });
  await order('close', 'c2', { user: 'ada', reason: 'user' });
  assert.equal(world.done, [
    ['logout_user', { user: 'ada', idempotency_key: 'l1' }],
    ['logout_user', { reason: 'admin', user: 'ada', idempotency_key: 'c1' }],
    ['logout_user', { reason: 'user', user: 'ada', idempotency_key: 'c2' }],
  ]);
});

test('who is not allowed to close cannot log anybody out, and the other way round', async () => {
  const user = { user: 'ada' };
  for (const [allowed, command] of [
    ['close', 'logout_user'],
    ['logout_user', 'close'],
  ] as const) {
    const world = new World([allowed]);
    assert.is(codeOf(await world.ask({ command, idempotency_key: 'k', arguments: user })), 'not_allowed');
    assert.equal(world.done, []);
  }
});

const mac = '02:00:00:00:00:01';
const voucher = { method: 'voucher', code: 'abcd-efgh-jk' };

test('a purchase redeems a voucher for a device, and once', async () => {
  const world = new World();
  const order = {
    ...{ command: 'purchase', idempotency_key: 'p1' },
    arguments: { mac, payment: voucher, user: 'ada' },
  };
  const answer = await world.ask(order);
  assert.equal(await world.ask(order), answer);
  assert.equal(world.done, [['voucher_redeem', { mac, user: 'ada', code: voucher.code }]]);
  assert.not.match(JSON.stringify(answer), voucher.code, 'who reads the answer has no code');
});

test('a purchase with money, a token or a password is refused: those are nothing for a broker', async () => {
  const world = new World();
  const payments = [
    undefined,
    'voucher',
    { method: 'cash', reference: 'till' },
    { method: 'cashu', token: 'cashuB…' },
    { method: 'radius', user: 'ada', password: 'secret' },
    { method: 'voucher' },
    { method: 'voucher', code: 7 },
    { ...voucher, currency: 'USD' },
  ];
  for (const [i, payment] of payments.entries()) {
    const order = { command: 'purchase', idempotency_key: `p${i}`, arguments: { mac, payment } };
    assert.is(codeOf(await world.ask(order)), 'bad_payment', JSON.stringify(payment));
  }
  assert.equal(world.done, []);
});

const make = {
  ...{ command: 'voucher_create', idempotency_key: 'v1' },
  arguments: { plan: 'day', count: 2 },
};

test('codes of new vouchers go where the order says, and nowhere that answers of all kinds go', async () => {
  const world = new World();
  for (const responseTopic of [undefined, 'isp/turnpike/r1/reply', 'isp/turnpike/noc/reply']) {
    const answer = await world.ask(make, responseTopic === undefined ? {} : { responseTopic });
    assert.is(codeOf(answer), 'no_response_topic');
  }
  assert.equal(world.done, []);
  const order = { ...make, idempotency_key: 'v2' };
  const answer = await world.ask(order, { responseTopic: 'isp/turnpike/noc/codes' });
  assert.is(answer?.topic, 'isp/turnpike/noc/codes');
  assert.equal(world.done, [['voucher_create', { plan: 'day', count: 2, idempotency_key: 'v2' }]]);
});

test('a repeat has the codes of new vouchers from the daemon, and sends them to no other topic', async () => {
  const world = new World();
  const [mine, other] = ['isp/turnpike/noc/codes', 'isp/turnpike/r2/codes'];
  const first = await world.ask(make, { responseTopic: mine });
  assert.equal(await world.ask(make, { responseTopic: mine }), first);
  assert.is(codeOf(await world.ask(make, { responseTopic: other })), 'key_conflict');
  assert.equal(
    world.done.map(([method, { idempotency_key }]) => [method, idempotency_key]),
    [
      ['voucher_create', 'v1'],
      ['voucher_create', 'v1'],
    ],
    'the daemon knows the key: it makes none anew',
  );
});

test('a retained order is not carried out, for it would come again at each connection', async () => {
  const world = new World();
  assert.is(await world.ask(close, { retained: true }), undefined);
  assert.equal([world.done.length, world.warned.length], [0, 1]);
});

test('nobody has an answer published where it would be taken for something else', async () => {
  const world = new World();
  const bad = [
    'other/topic',
    'isp/turnpike',
    'isp/turnpikes/x',
    'isp/turnpike/r1/usage',
    'isp/turnpike/r2/command',
    'isp/turnpike/r2/status',
    'isp/turnpike/r2/session',
    'isp/turnpike/+/x',
    'isp/turnpike/#',
    'isp/turnpike/\0',
    `isp/turnpike/${'x'.repeat(300)}`,
    '$SYS/x',
    '',
  ];
  for (const responseTopic of bad)
    assert.is(await world.ask(close, { responseTopic }), undefined, responseTopic);
  assert.equal(world.done, []);
});

test('no more than sixteen are under way', async () => {
  const world = new World();
  let finish = () => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  world.answer = async () => {
    await gate;
    return {};
  };
  const asked = Array.from({ length: 20 }, (_, i) => world.ask({ ...close, idempotency_key: `k${i}` }));
  finish();
  const codes = (await Promise.all(asked)).map(codeOf);
  assert.is(codes.filter((code) => code === 'busy').length, 4);
  assert.is(world.done.length, 16);
  assert.is(
    codeOf(await world.ask({ ...close, idempotency_key: 'k19' })),
    undefined,
    'busy is no answer to remember',
  );
});

test('whatever comes is answered or left alone', async () => {
  const world = new World();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.json(), async (bytes, json) => {
      await world.orders.take({ payload: Buffer.from(bytes), retained: false });
      await world.orders.take({ payload: Buffer.from(json), retained: false });
    }),
  );
  const long = Buffer.from(JSON.stringify({ ...close, padding: 'x'.repeat(20_000) }));
  const answer = await world.orders.take({ payload: long, retained: false });
  assert.is(codeOf({ says: decodePlain(answer!.payload) as Table }), 'bad_argument');
});

test.run();
