// A member that nobody has thought of is a section, a builder and a line in its registry: then it works like the others.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { currency, flag, text } from '../../src/config/kind.js';
import { list, option } from '../../src/config/option.js';
import { section } from '../../src/config/section.js';
import type { Mac } from '../../src/domain/mac.js';
import { refuse } from '../../src/domain/refuse.js';
import { bytes } from '../../src/domain/units.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import { checkPolls, common, enabled } from '../../src/portals/section.js';
import type { AuthorizerMember } from '../../src/ports/authorizer.js';
import type { OrderMember } from '../../src/ports/order-source.js';
import type { PaymentMember } from '../../src/ports/payment-method.js';
import type { PortalMember } from '../../src/ports/portal.js';
import type { OutboxRecord, SinkMember } from '../../src/ports/sink.js';
import type { Upstream } from '../../src/ports/upstream.js';
import { type Members, members } from '../../src/wiring/members.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { TestPortal } from '../engine/portal.js';
import { mac } from '../engine/world.js';
import { until } from '../rig/until.js';

const gate = new TestPortal('lan');

const barrierSection = section({
  type: 'gateway',
  about: 'A barrier.',
  enabled,
  options: common,
  check: checkPolls,
  make: (values, name) => ({ name, type: 'barrier' as const, ...values }),
});
type Barrier = ReturnType<NonNullable<typeof barrierSection.read>>;

const barrier: PortalMember<NonNullable<Barrier>, unknown> = {
  section: barrierSection,
  build: () => Object.assign(gate, { stop: async () => {} }),
  premises: () => ({ interfaces: ['br-lan'], trusted: [], open: [], faults: [] }),
};

const card: PaymentMember<{ name: 'card'; currencies: ReadonlyMap<string, number> }> = {
  section: section({
    type: 'method',
    name: 'card',
    about: 'Cards.',
    enabled: option(flag, { default: '1', help: '0: no cards.' }),
    options: { currency: list(currency, { needed: true, examples: ['USD 4'], help: 'What it takes.' }) },
    make: ({ currency: taken }) => ({
      name: 'card' as const,
      currencies: new Map(taken.map(({ code, decimals }) => [code, decimals])),
    }),
  }),
  async build({ currencies }) {
    const charge = async () => ({ ok: true, value: { reference: 'slip 7' } }) as const;
    return { methods: [{ name: 'card', currencies, charge }], schemes: [], async stop() {} };
  },
};

const heard: OutboxRecord[] = [];

interface Desk {
  readonly greeting: string;
}

/** A server upstream that decides, hears and orders. */
const desk: Upstream<Desk, { readonly said: string[] }> = {
  section: section({
    type: 'desk',
    name: 'desk',
    about: 'Somebody at a desk.',
    enabled: option(flag, { default: '0', help: '1: somebody is there.' }),
    options: { greeting: option(text(/^\w+$/, 'one word'), { default: 'hello', help: 'What is said.' }) },
  }),
  open: async ({ greeting }) => ({ said: [greeting] }),
};

const standing = { state: 'up', error: '' } as const;

const guard: AuthorizerMember<Desk, { readonly said: string[] }> = {
  upstream: desk,
  build: async (_config, { link }) => ({
    devices: 1,
    standing,
    credentials: ({ word }) =>
      word === link.said[0]
        ? { ok: true, value: { user: 'guest', password: '' } }
        : refuse('bad_payment', 'no'),
    authenticate: async () => ({ ok: true, value: undefined }),
    authorize: async () => ({
      ok: true,
      value: {
        user: 'guest',
        allotment: { bytes: bytes(1_000_000) },
        policy: { devices: 1, pauseAway: false },
        accounting: { classes: [] },
      },
    }),
    test: async () => ({ ok: true, value: 'the guard is awake' }),
    async stop() {},
  }),
};

const diary: SinkMember<Desk, unknown> = {
  upstream: desk,
  async build(_config, { outbox }) {
    const read = () => {
      for (const record of outbox.read(100)) {
        heard.push(record);
        outbox.ack(record.seq);
      }
    };
    outbox.onAppend(read);
    read();
    return {
      get standing() {
        return { ...standing, backlog: outbox.backlog };
      },
      test: async () => ({ ok: true, value: 'the diary is open' }),
      async stop() {},
    };
  },
};

let order: (method: string, args: Readonly<Record<string, unknown>>) => Promise<object> = async () => ({});

const bell: OrderMember<Desk, unknown> = {
  upstream: desk,
  async build(_config, { orderly }) {
    order = orderly.call;
    return { standing, async stop() {} };
  },
};

/** Its name here is neither that of its section nor that of its file: nothing else may depend on it. */
const more = {
  portals: { ...members.portals, barrier },
  payments: { ...members.payments, card },
  authorizers: { ...members.authorizers, guard },
  sinks: { ...members.sinks, diary },
  orderSources: { ...members.orderSources, bell },
} as Members;

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const socket = join(dir, 'ubus.sock');
const broker = new UbusBroker(socket);
let daemon: Daemon;

const sections = `config turnpike 'main'
	option directory '${join(dir, 'state')}'
	option socket '${socket}'
	option backstop '0'
	option nft '/dev/null'
config gateway 'lan'
	option type 'barrier'
config plan 'data'
	option metric 'bytes'
	option step '1 MB'
	list price '0.50 USD'
config method 'cash'
	list currency 'USD 2'
config method 'card'
	list currency 'USD 4'
config desk 'desk'
	option enabled '1'
	option greeting 'salve'
`;

test.before(async () => {
  await broker.start();
  daemon = await startDaemon({
    load: () => loadConfig(sections, 'f', undefined, more),
    log: () => {},
    worker: new URL('../../workers/poll.js', import.meta.url),
    members: more,
  });
});

test.after(async () => {
  await daemon?.stop();
  await broker.stop();
  rmSync(dir, { recursive: true });
});

const buy = (who: Mac, payment: { readonly method: string; readonly [name: string]: unknown }) =>
  daemon.service.purchase({
    mac: who,
    plan: 'data',
    payment,
    key: `${payment.method} ${who}`,
    gateway: 'lan',
  });

test('a payment method sells beside the others, in its own decimals', async () => {
  const quoted = daemon.service.quote({ plan: 'data' }, 'card');
  assert.ok(quoted.ok);
  assert.equal(
    quoted.value.payment.map(({ method, price }) => [method, price.amount, price.decimals]),
    [
      ['cash', 50n, 2],
      ['card', 5000n, 4],
    ],
  );
  gate.join(mac(1));
  const sold = await buy(mac(1), { method: 'card' });
  assert.ok(sold.ok && sold.value.lots[0]?.funding.reference === 'slip 7', inspect(sold));
});

test('a portal opens its gate for who has paid, and shuts it', async () => {
  await until('the gate is open', () => gate.clients.get(mac(1))?.open);
  const { id } = daemon.service.sessionOfMac(mac(1))!;
  await daemon.service.close(id, 'admin');
  await until('the gate is shut', () => !gate.clients.get(mac(1))?.open);
});

test('an authorizer lets in whom it knows', async () => {
  gate.join(mac(2));
  const refused = await buy(mac(2), { method: 'guard', word: 'vale' });
  assert.is(refused.ok ? '' : refused.code, 'bad_payment');
  const login = { mac: mac(2), payment: { method: 'guard', word: 'salve' }, key: 'in', gateway: 'lan' };
  const entered = await daemon.service.purchase(login);
  assert.ok(entered.ok && entered.value.user === 'guest', inspect(entered));
});

test('a sink reads all of it from the outbox that bears its name', async () => {
  const sales = () => heard.filter(({ data }) => (data as { t: string }).t === 'sold');
  await until(
    'both sales are told',
    () => sales().length === 2,
    () => heard,
  );
});

test('an order source ends a session as a call does', async () => {
  const { id } = daemon.service.sessionOfMac(mac(2))!;
  const answer = (await order('close', { id })) as { cause?: string };
  assert.is(answer.cause, 'admin');
});

test('status shows each where it belongs, and the server is asked as one', async () => {
  const { authorizers, sinks, order_sources, payments } = daemon.service.status() as Record<string, object[]>;
  assert.equal(authorizers, [{ name: 'guard', state: 'up', error: '' }]);
  assert.equal(sinks, [{ backlog: 0, name: 'diary', state: 'up', error: '' }]);
  assert.equal(order_sources, [{ name: 'bell', state: 'up', error: '' }]);
  assert.equal(payments, [], 'cash and cards need nobody');
  assert.equal(await daemon.service.testUpstream('desk'), {
    ok: true,
    value: 'the guard is awake, the diary is open',
  });
});

test.run();
