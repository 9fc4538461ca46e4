// What the hub shows, and to whom.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { readings, tellings } from '../../src/hub/routes.js';
import { told, usage } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { TestClock } from '../rig/clock.js';
import { tokens, withDesk } from './desk.js';

const day = 86_400_000;
const at = 1_790_000_000_000;
const fleet = [
  usage('bar', [[idOf(1), 2000]]),
  usage('bar', [[idOf(1), 5000]], { seq: 2, prev: 1, at: at + day }),
  told('bar', { user: 'bob', session: idOf(1), total_up_bytes: 5000 }, { seq: 3, prev: 0 }),
  told('cafe', { user: 'ada', session: idOf(2), plan: '=1+1' }),
  told('cafe', { user: 'ada', session: idOf(3), closed: at, state: 'terminated' }, { seq: 2, prev: 1 }),
];
type Line = Readonly<Record<string, unknown>>;

test('a fleet is read a page at a time, and nothing is left out or shown twice', () =>
  withDesk(fleet, async (desk) => {
    const seen: string[] = [];
    for (let url: string | undefined = '/sessions?limit=2'; url; ) {
      const { json, headers } = await desk.get(url);
      seen.push(...(json.rows as Line[]).map(({ router, session }) => `${router} ${session}`));
      const link: string | undefined = /^<(.+)>; rel="next"$/.exec(String(headers.link))?.[1];
      assert.is(link === undefined, json.next === null);
      url = link;
    }
    assert.equal(seen, [`bar ${idOf(1)}`, `cafe ${idOf(2)}`, `cafe ${idOf(3)}`]);
  }));

test('sessions are found by router, user and whether they run', () =>
  withDesk(fleet, async (desk) => {
    const found = async (filter: string) => {
      return ((await desk.get(`/sessions?${filter}`)).json.rows as Line[]).map(({ session }) => session);
    };
    assert.equal(await found('user=ada&state=running'), [idOf(2)]);
    assert.equal(await found('user=ada&state=ended'), [idOf(3)]);
    assert.equal(await found('router=bar'), [idOf(1)]);
  }));

test('usage is shown by day, between two days, a page at a time', () =>
  withDesk(fleet, async (desk) => {
    const [first, second] = [at, at + day].map((ms) => new Date(ms).toISOString().slice(0, 10));
    const shown = async (url: string) => {
      const { json } = await desk.get(url);
      return (json.rows as Line[]).map(({ router, day, up_bytes }) => [router, day, up_bytes]);
    };
    const all = [
      ['bar', first, 2000],
      ['bar', second, 3000],
    ];
    assert.equal(await shown('/usage'), all);
    assert.equal(await shown(`/usage?from=${second}&router=bar`), [all[1]]);
    assert.equal(await shown(`/usage?to=${first}`), [all[0]]);
    const { json } = await desk.get('/usage?limit=1');
    assert.equal(await shown(`/usage?limit=1&cursor=${json.next}`), [all[1]]);
  }));

test('routers are shown with what they sold, and whether they are there', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    const { json } = await desk.get('/routers');
    const shown = (json.rows as Line[]).map(({ router, sessions, online }) => [router, sessions, online]);
    assert.equal(shown, [
      ['bar', 1, 'false'],
      ['cafe', 2, 'true'],
    ]);
    const away = (await desk.get('/routers?online=false')).json.rows as Line[];
    assert.equal(
      away.map(({ router }) => router),
      ['bar'],
    );
  }));

test('totals are folded first where they are shown, and nobody waits for them elsewhere', async () => {
  const folded: string[] = [];
  for (const { path, query, read } of readings) {
    const database: Database = {
      ...{ name: 'of a fleet', appends: true, close: async () => {} },
      read: (work) => work(async () => []),
      transaction() {
        folded.push(path);
        return Promise.reject(Object.assign(new Error('a replica'), { code: '25006' }));
      },
    };
    const broker = { isConnected: true, online: new Map<string, number>() };
    const rest = { routers: new Map(), endpoints: new Map(), hurry() {} };
    const page = await read(query.parse({}), { ...{ database, broker, clock: new TestClock() }, ...rest });
    assert.is(page.next, undefined);
  }
  assert.equal(folded, ['/routers', '/sessions', '/usage']);
});

test('CSV is that of the collector: a spreadsheet computes nothing in it', () =>
  withDesk(fleet, async (desk) => {
    const { text, headers } = await desk.get('/sessions?format=csv&router=cafe&state=running');
    assert.match(String(headers['content-type']), 'text/csv');
    const [head, line] = text.split('\r\n');
    assert.match(head!, /^router,session,mac,user,plan,/);
    assert.match(line!, `cafe,${idOf(2)},02:00:00:00:00:01,ada,'=1+1,`);
  }));

test('without a token nothing is shown, and whoever may see may not order', () =>
  withDesk(fleet, async (desk) => {
    for (const { path } of [...readings, { path: '/metrics' }]) {
      assert.is((await desk.get(path, 'a-token-of-somebody')).status, 401, path);
      assert.is((await desk.get(path, tokens.order)).status, 200, path);
    }
    const order = { router: 'cafe', command: 'reload', idempotency_key: 'k1' };
    assert.is((await desk.post('/orders', order, tokens.see)).status, 403);
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('an order by hand is given once, and its key is for no other order', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    const order = { router: 'cafe', command: 'close', arguments: { id: idOf(2) }, idempotency_key: 'k1' };
    assert.is((await desk.post('/orders', order, tokens.order)).status, 200);
    const [sent] = await desk.orders('cafe', 1);
    assert.equal(sent!.order, { command: 'close', idempotency_key: 'k1', arguments: { id: idOf(2) } });
    assert.is((await desk.post('/orders', order, tokens.order)).status, 200);
    const other = await desk.post('/orders', { ...order, command: 'reload' }, tokens.order);
    assert.equal([other.status, other.json.error], [409, 'key_conflict']);
    assert.is((await desk.get('/orders')).json.rows.length, 1);
  }));

test('what is typed wrongly is named', () =>
  withDesk(fleet, async (desk) => {
    const faults = {
      '/sessions?state=gone': 'state: ',
      '/sessions?limit=0': 'limit: ',
      '/sessions?usr=ada': '"usr"',
      '/usage?from=yesterday': 'from: ',
      '/routers?cursor=xyz': 'cursor ',
    };
    for (const [url, said] of Object.entries(faults)) {
      const { status, json } = await desk.get(url);
      assert.equal([status, json.error], [400, 'bad_request'], url);
      assert.ok(json.message.includes(said), `${url}: ${json.message}`);
    }
  }));

test('too many requests from one address are refused, guesses at tokens among them', () =>
  withDesk(
    [],
    async (desk) => {
      assert.is((await desk.get('/routers', 'a-token-of-somebody')).status, 401);
      const { status, json } = await desk.get('/routers', 'another-of-somebody');
      assert.equal([status, json.error], [429, 'rate_limited']);
    },
    { rateLimit: { max: 1, windowMs: 60_000 } },
  ));

test('Prometheus reads orders by state', () =>
  withDesk(fleet, async (desk) => {
    await desk.post('/orders', { router: 'cafe', command: 'reload', idempotency_key: 'k1' }, tokens.order);
    const { text } = await desk.get('/metrics');
    assert.match(text, 'turnpike_hub_orders{state="waiting"} 1');
    assert.match(text, 'turnpike_hub_broker_connected 1');
  }));

test('the OpenAPI document has every route and every parameter', () =>
  withDesk([], async (desk) => {
    const { json } = await desk.get('/openapi.json');
    assert.is(json.openapi, '3.1.0');
    for (const { path, query } of readings) {
      const { parameters } = json.paths[path].get;
      assert.equal((parameters as Line[]).map(({ name }) => name).sort(), Object.keys(query.shape).sort());
    }
    for (const { path, body } of tellings) {
      const { schema } = json.paths[path].post.requestBody.content['application/json'];
      assert.equal(Object.keys(schema.properties), Object.keys(body.shape));
    }
    assert.ok(json.paths['/hooks/{name}'].post);
  }));

test.run();
