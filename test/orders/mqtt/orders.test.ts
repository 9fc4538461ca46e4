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
  answer: (method: OrderName) => Promise<Table> = async (method) => ({ did: method });
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
    [{ command: 'purchase', idempotency_key: 'k' }, 'bad_argument'],
    [{ command: 'status' }, 'bad_key'],
    [{ command: 'status', idempotency_key: 'a b' }, 'bad_key'],
    [{ command: 'status', idempotency_key: 'k', arguments: [] }, 'bad_argument'],
    [{}, 'bad_argument'],
    [{ command: 'constructor', idempotency_key: 'k' }, 'bad_argument'],
  ];
  for (const [order, code] of cases) assert.is(codeOf(await world.ask(order)), code, JSON.stringify(order));
  assert.equal(world.done, []);
});

test('a close names the session: its device may have another one when the message comes again', async () => {
  const world = new World();
  const byMac = { command: 'close', idempotency_key: 'k', arguments: { mac: '02:00:00:00:00:01' } };
  assert.is(codeOf(await world.ask(byMac)), 'bad_argument');
  assert.equal(world.done, []);
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
