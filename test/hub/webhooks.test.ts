// What the hub tells others' endpoints: signed, once, and again until they have it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HubConfig } from '../../src/hub/config.js';
import type { SessionMessage } from '../../src/mqtt/message.js';
import { told } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { until } from '../rig/until.js';
import { type Desk, tokens, withDesk } from './desk.js';
import { Endpoint, key } from './receiver.js';

const at = 1_790_000_000_000;
const paid = {
  plan: 'day',
  steps: 1,
  method: 'cash',
  reference: 'r',
  paid: '2.50',
  currency: 'EUR',
  count: 1,
};
const closed = (router: string, more: Partial<SessionMessage> = {}, seq = 5) =>
  told(
    router,
    {
      event: 'closed',
      session: idOf(1),
      user: 'ada',
      state: 'terminated',
      closed: at,
      lots: [paid],
      ...more,
    },
    { seq },
  ).message as SessionMessage;
const low = (seq: number) => told('cafe', { event: 'low', user: 'ada' }, { seq }).message as SessionMessage;
const all = ['session.closed', 'router.offline', 'balance.low'] as const;

/** Runs `work` with a hub that tells one endpoint, `office`. */
async function withEndpoint(
  work: (desk: Desk, office: Endpoint, config: Partial<HubConfig>, database: string) => Promise<void>,
  more: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const clock = { now: () => 0 };
  const office = await Endpoint.start(() => clock.now());
  const webhooks = new Map([
    ['office', { url: office.url, secrets: [key], events: all, timeoutMs: 60_000, ...more }],
  ]);
  try {
    await withDesk(
      [],
      async (desk, database) => {
        clock.now = () => desk.clock.wall();
        await work(desk, office, { webhooks }, database);
      },
      { webhooks },
    );
  } finally {
    await office.stop();
  }
}

/** Resolves when the deliveries have these states, as `GET /webhooks` shows them. */
async function states(desk: Desk, ...expected: string[]): Promise<readonly Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  await until(
    `deliveries that are ${expected}`,
    async () => {
      rows = (await desk.get('/webhooks', tokens.order)).json.rows;
      return String(rows.map(({ state }) => state).sort()) === String(expected);
    },
    () => rows,
  );
  return rows;
}

/** Resolves when so many attempts have failed, as `GET /webhooks` shows the only delivery. */
async function failed(desk: Desk, tries: number): Promise<Record<string, unknown>> {
  return until(`attempt ${tries}`, async () => {
    const [row] = (await desk.get('/webhooks', tokens.order)).json.rows;
    return row?.tries === tries && row;
  });
}

/** Lets time pass in one step: whatever looks again and again looks once. */
function later(desk: Desk, ms: number): Promise<void> {
  desk.clock.now += ms;
  return desk.clock.pass(0);
}

test('an endpoint is told of the end of a session, signed, with what was used and paid', () =>
  withEndpoint(async (desk, office) => {
    await desk.events.session!(closed('cafe', { total_up_bytes: 5000, cause: 'pc-logout' }));
    const [message] = await office.heard(1);
    assert.ok(message!.isSigned);
    const { type, timestamp, data } = message!.json;
    assert.equal([type, timestamp], ['session.closed', new Date(at).toISOString()]);
    assert.equal([data.router, data.user, data.cause, data.up_bytes], ['cafe', 'ada', 'pc-logout', 5000]);
    assert.equal(data.paid, [{ amount: '2.50', currency: 'EUR', method: 'cash', reference: 'r' }]);
    await states(desk, 'delivered');
  }));

test('what a router reports again is told once, and a session that runs low once more is told again', () =>
  withEndpoint(async (desk, office) => {
    await desk.events.session!(closed('cafe'));
    await desk.events.session!(closed('cafe', {}, 9));
    for (const seq of [1, 1, 2]) await desk.events.session!(low(seq));
    await states(desk, 'delivered', 'delivered', 'delivered');
    const types = office.told.map(({ json }) => json.type).sort();
    assert.equal(types, ['balance.low', 'balance.low', 'session.closed']);
    assert.is(new Set(office.told.map(({ id }) => id)).size, 3);
  }));

test('an endpoint that fails is asked again with the same id, ever later, and in the end no more', () =>
  withEndpoint(async (desk, office) => {
    office.status = 500;
    await desk.events.session!(closed('cafe'));
    const waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (const [i, wait] of waits.entries()) {
      const row = await failed(desk, i + 1);
      assert.equal([row.state, row.error], ['waiting', 'HTTP 500']);
      assert.is(Date.parse(String(row.due)), desk.clock.wall() + wait * 1000);
      await later(desk, wait * 1000);
    }
    const [dead] = await states(desk, 'dead');
    assert.equal([dead!.tries, office.told.length], [10, 10]);
    assert.is(new Set(office.told.map(({ id }) => id)).size, 1);
    assert.ok(
      office.told.every(({ isSigned }) => isSigned),
      'each attempt with its own time',
    );
    assert.match(desk.log.join('\n'), /error webhook office: msg_\w+ is dead: HTTP 500/);
    office.status = 204;
    const again = await desk.post('/webhooks', { endpoint: 'office' }, tokens.order);
    assert.equal([again.status, again.json], [200, { endpoint: 'office', state: 'waiting' }]);
    await states(desk, 'delivered');
  }));

test('an endpoint that says 410 is asked no more, and one that asks for time has it', () =>
  withEndpoint(async (desk, office) => {
    office.status = 429;
    office.headers = { 'retry-after': '600' };
    await desk.events.session!(closed('cafe'));
    const row = await failed(desk, 1);
    assert.is(Date.parse(String(row.due)), desk.clock.wall() + 600_000);
    office.status = 410;
    await later(desk, 600_000);
    await states(desk, 'dead');
  }));

test('a redirect is not followed', () =>
  withEndpoint(async (desk, office) => {
    const elsewhere = await Endpoint.start(() => desk.clock.wall());
    office.status = 307;
    office.headers = { location: elsewhere.url };
    await desk.events.session!(closed('cafe'));
    assert.is((await failed(desk, 1)).error, 'HTTP 307: redirects are not followed');
    assert.equal(elsewhere.told, []);
    await elsewhere.stop();
  }));

test('an endpoint that does not answer in time has not heard', () =>
  withEndpoint(
    async (desk, office) => {
      office.isSilent = true;
      await desk.events.session!(closed('cafe'));
      assert.is((await failed(desk, 1)).error, 'no answer within 50 ms');
    },
    { timeoutMs: 50 },
  ));

test('a hub that ends while an endpoint has not answered tells it again, with the same id and content', () =>
  withEndpoint(async (desk, office, config, database) => {
    office.isSilent = true;
    await desk.events.session!(closed('cafe'));
    await office.heard(1);
    await desk.stop();
    office.isSilent = false;
    await desk.start(database, config);
    await states(desk, 'delivered');
    const [first, second, ...others] = office.told;
    assert.equal([second!.id, second!.json, others], [first!.id, first!.json, []]);
  }));

test('a router that stays away is told of once, and one that is soon back is not', () =>
  withEndpoint(async (desk, office) => {
    desk.events.standing('old', false);
    for (const router of ['cafe', 'hotel']) desk.come(router);
    for (const router of ['cafe', 'hotel']) desk.go(router);
    const left = desk.clock.wall();
    await later(desk, 60_000);
    desk.come('hotel');
    await later(desk, 120_000);
    const [message] = await office.heard(1);
    const since = new Date(left).toISOString();
    assert.equal(message!.json, {
      type: 'router.offline',
      timestamp: since,
      data: { router: 'cafe', since },
    });
    await later(desk, 600_000);
    await states(desk, 'delivered');
    assert.is(office.told.length, 1);
  }));

test('a router that went while the hub was down is told of; one that was away before is not told of again', () =>
  withEndpoint(async (desk, office, config, database) => {
    for (const router of ['bar', 'cafe']) desk.come(router);
    desk.go('bar');
    await later(desk, 130_000);
    await office.heard(1);
    await states(desk, 'delivered');
    await desk.stop();
    await desk.start(database, config);
    // The broker says how each router stands.
    for (const router of ['bar', 'cafe']) desk.go(router);
    await later(desk, 130_000);
    await office.heard(2);
    await states(desk, 'delivered', 'delivered');
    assert.equal(
      office.told.map(({ json }) => json.data.router),
      ['bar', 'cafe'],
    );
  }));

test('what waits for an endpoint that is configured no more is dead', () =>
  withEndpoint(async (desk, office, _config, database) => {
    office.status = 500;
    await desk.events.session!(closed('cafe'));
    await failed(desk, 1);
    await desk.stop();
    await desk.start(database);
    const [dead] = await states(desk, 'dead');
    assert.is(dead!.error, 'the endpoint is not configured');
    assert.is((await desk.post('/webhooks', { endpoint: 'office' }, tokens.order)).status, 404);
  }));

test('who may only see is shown no webhooks, and the metrics count them', () =>
  withEndpoint(async (desk) => {
    await desk.events.session!(closed('cafe'));
    await states(desk, 'delivered');
    assert.is((await desk.get('/webhooks', tokens.see)).status, 403);
    assert.match((await desk.get('/metrics')).text, 'turnpike_hub_deliveries{state="delivered"} 1');
  }));

test.run();
