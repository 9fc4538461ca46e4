// The page with the fleet's state: who may see it, what stands on it, and that nothing on it runs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/collector/database.js';
import { FleetReader } from '../../src/hub/page/fleet.js';
import { bytesText } from '../../src/hub/page/page.js';
import { told, usage } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { settled, TestClock } from '../rig/clock.js';
import { type Desk, tokens, withDesk } from './desk.js';

const lot = { plan: 'day', steps: 1, method: 'cash', reference: 'r', count: 1 };
const paid = (amount: string, currency: string) => ({ ...lot, paid: amount, currency });
const at = 1_790_000_001_000;
const fleet = [
  usage('cafe', [[idOf(1), 1_500_000]], { at }),
  told(
    'cafe',
    { session: idOf(1), opened: at, lots: [paid('2.50', 'EUR'), paid('0.125', 'EUR')] },
    { seq: 2, prev: 1 },
  ),
  told('<b>bar', { session: idOf(2), opened: at, lots: [paid('3', 'USD')] }, { seq: 9, prev: 5 }),
  told('<b>bar', { session: idOf(3) }, { seq: 1, prev: 0 }),
];

const asBrowser = (token: string) => `Basic ${Buffer.from(`anybody:${token}`).toString('base64')}`;
const page = (desk: Desk, authorization = asBrowser(tokens.see)) =>
  desk.ask({ url: '/', headers: { authorization } });

test('a browser logs in with a token as the password, a program with the token; nobody else sees the page', () =>
  withDesk([], async (desk) => {
    for (const known of [asBrowser(tokens.see), `Bearer ${tokens.order}`])
      assert.is((await page(desk, known)).status, 200);
    for (const other of ['', asBrowser('a-token-of-somebody'), 'Basic =', 'Bearer x']) {
      const { status, headers, text } = await page(desk, other);
      assert.is(status, 401);
      assert.match(String(headers['www-authenticate']), /^Basic realm="turnpike hub"/);
      assert.not.match(text, '<html');
    }
  }));

test('what a browser sends by itself orders nothing, and reads nothing but the page', () =>
  withDesk([], async (desk) => {
    const headers = { authorization: asBrowser(tokens.order), 'content-type': 'application/json' };
    const payload = JSON.stringify({ router: 'cafe', command: 'reload', idempotency_key: 'k' });
    assert.is((await desk.ask({ method: 'POST', url: '/orders', headers, payload })).status, 401);
    assert.is((await desk.ask({ url: '/sessions', headers })).status, 401);
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('the page has who is online and who is behind, money and data of the day', () =>
  withDesk(fleet, async (desk) => {
    for (const router of ['cafe', '<b>bar', 'hotel']) desk.come(router);
    desk.go('hotel');
    await desk.post('/orders', { router: 'hotel', command: 'reload', idempotency_key: 'k' }, tokens.order);
    const { text } = await page(desk);
    assert.match(text, '<dt>Routers online</dt><dd>2 of 3</dd>');
    assert.match(text, /<dt>Paid today<\/dt><dd>(3 USD, 2\.625 EUR|2\.625 EUR, 3 USD)<\/dd>/);
    assert.match(text, '<dt>Data today</dt><dd>3.0 MB</dd>');
    assert.match(text, /<h2>Away<\/h2><table><tr><th scope="row">hotel<\/th>/);
    assert.match(text, /<h2>Messages are missing<\/h2><table><tr><th scope="row">&lt;b&gt;bar<\/th>/);
    assert.match(text, /<h2>Orders wait<\/h2><table><tr><th scope="row">hotel<\/th><td>1</);
    assert.is(text.match(/<svg /g)?.length, 3, 'two currencies, and data');
  }));

test('a name that is HTML shows as a name, and the policy lets nothing run, load or frame it', () =>
  withDesk(fleet, async (desk) => {
    const { text, headers } = await page(desk);
    assert.not.match(text, '<b>bar');
    assert.not.match(text, /<script|<img|<link| style=| on\w+=/i);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; /);
    assert.match(policy, "form-action 'none'; frame-ancestors 'none'");
    assert.is(headers['cache-control'], 'no-store');
  }));

test('many who look have the database read once a minute', () =>
  withDesk([], async (desk) => {
    const shown = async () => (await page(desk)).text.match(/<h1>The fleet<\/h1><p>([^;]*)/)?.[1];
    const first = await shown();
    desk.clock.now += 59_000;
    assert.is(await shown(), first);
    desk.clock.now += 61_000;
    assert.is.not(await shown(), first);
  }));

test('a fleet that takes longer than a minute to read is read once at a time, however many look', async () => {
  const clock = new TestClock();
  let reads = 0;
  let fail = (_cause: Error) => {};
  const slow: Database = {
    name: 'slow',
    transaction: () => Promise.reject(new Error('nothing is written')),
    read: () => {
      reads += 1;
      return new Promise((_, reject) => {
        fail = reject;
      });
    },
    close: async () => {},
  };
  const reader = new FleetReader(slow, clock);
  const looks = [reader.read()];
  for (let minute = 1; minute < 5; minute++) {
    clock.now += 61_000;
    looks.push(reader.read());
  }
  await settled();
  assert.is(reads, 1);
  fail(new Error('gone'));
  for (const { status } of await Promise.allSettled(looks)) assert.is(status, 'rejected');
  void reader.read();
  await settled();
  assert.is(reads, 2, 'and again after it has failed');
});

test('data is told in units that fit', () => {
  const sizes = [0n, 999n, 1000n, 1_500_000n, 123_456_789n, 999_600_000n, 5n * 10n ** 15n];
  const texts = ['0 B', '999 B', '1.0 kB', '1.5 MB', '123 MB', '1.0 GB', '5.0 PB'];
  assert.equal(sizes.map(bytesText), texts);
});

test.run();
