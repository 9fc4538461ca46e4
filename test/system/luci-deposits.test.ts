// The page of deposits in a browser, with rows that the API itself makes of deposits.
import { readFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Deposit } from '../../src/domain/deposit.js';
import {
  cellsOf,
  close,
  overflow,
  phone,
  refresh,
  refreshRows,
  textOf,
  untranslated,
  type Watched,
} from '../luci-app/browser.js';
import { escrowOf, evil, hash, listing, sample } from '../luci-app/escrows.js';
import { stageFor } from '../luci-app/stage.js';

const mac = '02:00:00:00:00:01';
const sections = (portal: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${portal}'
`;
const view = 'turnpike/deposits';

const stage = stageFor(sections, [mac]);
/** Oldest first, as the daemon has them. */
let escrows: Deposit[] = [];
let payments: Table[] = [];

test.before.each(() => {
  escrows = sample();
  payments = [{ name: 'escrow', state: 'up', backlog: 0, error: '' }];
  stage.router.stubs.deposits = listing(() => escrows);
  stage.router.stubs.status = async () => ({ ...(await stage.router.daemon.call('status')), payments });
});

const figures = (page: Watched) => textOf(page, '.turnpike-summary');

test('each deposit has its amounts to the last digit, newest first, and the sums are over all', async () => {
  const page = await stage.open(view);
  assert.equal(await cellsOf(page, 'state'), [
    'in use',
    'charge not confirmed',
    'needs you',
    'settled',
    'refused',
  ]);
  assert.equal(await cellsOf(page, 'paid-in'), [...Array(4).fill('12.34567 USDC\nSession'), '–\nSession']);
  assert.equal(await cellsOf(page, 'charged'), [
    '0.00\n7.407402 signed',
    '2.469134\n6.172835 due\n7.407402 signed',
    '0.00\n7.407402 due\n7.407402 signed',
    '4.938268\n7.407402 signed',
    '–',
  ]);
  assert.equal(await cellsOf(page, 'earned'), ['–', '–', '–', '4.938268', '–']);
  assert.equal(await cellsOf(page, 'returned'), ['–', '–', '–', '7.407402', '–']);
  assert.match(
    await figures(page),
    /Deposits\s+5\s+Held now\s+24\.69134 USDC\s+Earned\s+4\.938268 USDC\s+Given back\s+7\.407402 USDC\s+Needs you\s+1$/,
  );
  await close(page);
});

test('what needs a person, and what waits, is marked and says what to do; a note is only text', async () => {
  const page = await stage.open(view);
  const row = (words: string) => page.locator('tbody .tr', { hasText: words });
  const disputed = row('needs you');
  assert.is(await disputed.locator('.turnpike-badge.alarm').count(), 1);
  const note = await disputed.locator('.turnpike-note').innerText();
  assert.match(note, /settle the rest with the customer/);
  assert.ok(note.includes(evil));
  assert.is(await page.locator('tbody img').count(), 0);
  assert.is(await row('nobody answers').locator('.turnpike-badge.waits').count(), 1);
  assert.match(await row('nobody answers').locator('.turnpike-note').innerText(), /goes on trying/);
  await close(page);
});

test('hashes are short to look at and whole to copy', async () => {
  const page = await stage.open(view);
  const hashes = page.locator('tbody .turnpike-hash');
  const settled = page.locator('tbody .tr', { hasText: 'settled' }).locator('.turnpike-hash');
  assert.equal(await settled.allInnerTexts(), [hash(4), hash(1004)]);
  assert.is(await hashes.first().getAttribute('title'), hash(1));
  const { width } = (await hashes.first().boundingBox())!;
  assert.ok(width < 140, `${width} px`);
  await hashes.first().click();
  assert.is(await page.evaluate('String(getSelection())'), hash(1));
  await close(page);
});

test('search, state and file: what is shown is what is counted and saved', async () => {
  const page = await stage.open(view);
  await page.fill('.turnpike-bar input', '02:00:00:00:01:04');
  await page.waitForFunction(`document.querySelectorAll('tbody .tr').length === 1`);
  assert.equal(await cellsOf(page, 'state'), ['settled']);
  assert.match(await figures(page), /Deposits\s+1\s+Held now\s+0\.00 USDC\s+Earned\s+4\.938268 USDC/);
  await page.fill('.turnpike-bar input', hash(3).slice(0, 66));
  await page.locator('tbody .turnpike-badge.alarm').waitFor();
  assert.equal(await cellsOf(page, 'state'), ['needs you']);
  await page.fill('.turnpike-bar input', '');
  await page.waitForFunction(`document.querySelectorAll('tbody .tr').length === 5`);
  await page.locator('.turnpike-bar select').selectOption('open');
  await page.waitForFunction(`document.querySelectorAll('tbody .tr').length === 2`);
  assert.match(await figures(page), /Held now\s+24\.69134 USDC/);
  await page.locator('.turnpike-bar select').selectOption('disputed');
  await page.waitForFunction(`document.querySelectorAll('tbody .tr').length === 1`);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('button:has-text("Download CSV")').click(),
  ]);
  const lines = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\r\n');
  assert.is(lines.length, 2);
  assert.match(lines[1]!, /,disputed,USDC,12\.345670,7\.407402,0\.000000,0\.000000,/);
  await page.locator('.turnpike-bar select').selectOption('reorged');
  await page.waitForFunction(
    `document.querySelector('tbody').innerText.includes('There is no such deposit')`,
  );
  await close(page);
});

test('an answer that comes after a newer one is not shown', async () => {
  const list = listing(() => escrows);
  let free: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const page = await stage.open(view);
  stage.router.stubs.deposits = async (args) => {
    if (args.state === undefined) await held;
    return list(args);
  };
  const slow = refresh(page);
  await page.locator('.turnpike-bar select').selectOption('closed');
  await page.waitForFunction(`document.querySelectorAll('tbody .tr').length === 1`);
  free();
  await slow;
  assert.equal(await cellsOf(page, 'state'), ['settled']);
  await close(page);
});

test('a deposit leads to its session, whether that runs or has ended', async () => {
  const order = { mac, bytes: 1_000_000, reason: 'test', idempotency_key: 'k1' };
  const session = String((await stage.router.daemon.call('grant', order)).id);
  escrows = [escrowOf(1, 'active', { session })];
  const page = await stage.open(view);
  const href = await page.locator('tbody .turnpike-client a').getAttribute('href');
  assert.is(href, `/cgi-bin/luci/admin/services/turnpike/sessions#${session}`);
  await close(page);
  for (const state of ['live', 'terminated']) {
    if (state === 'terminated') await stage.router.daemon.call('close', { id: session });
    const there = await stage.open('turnpike/sessions', { write: false, hash: session });
    assert.is(await there.locator('.turnpike-bar select').inputValue(), state);
    assert.equal(await cellsOf(there, 'client'), ['annas-phone\n02:00:00:00:00:01']);
    await close(there);
  }
  const lost = await stage.open('turnpike/sessions', { hash: 'nosuch' });
  assert.match(await textOf(lost, 'tbody'), /There is no such session/);
  await close(lost);
});

test('a session leads to its deposits, also to one that is older than the first page', async () => {
  escrows = [escrowOf(999, 'closed', { session: 's0' }), ...sample()];
  for (let i = 0; i < 500; i++) escrows.push(escrowOf(i + 1000, 'closed'));
  const page = await stage.open(view, { hash: 's0' });
  assert.is(await page.locator('.turnpike-bar input').inputValue(), 's0');
  assert.equal(await cellsOf(page, 'state'), ['settled']);
  assert.match(await figures(page), /Deposits\s+1\s/);
  await page.fill('.turnpike-bar input', '');
  await page.getByText('⟦1 to 100 of 506⟧').waitFor();
  assert.is(await page.locator('tbody .tr').count(), 100);
  await close(page);
});

test('without an escrow the page says so and leads to Upstream, and to nothing else', async () => {
  [escrows, payments] = [[], []];
  const page = await stage.open(view);
  assert.match(await textOf(page, '.turnpike-trouble'), /No escrow is set up/);
  const link = await page.locator('.turnpike-trouble a').getAttribute('href');
  assert.is(link, '/cgi-bin/luci/admin/services/turnpike/upstream');
  assert.is(await page.locator('.turnpike-table').isVisible(), false);
  payments = [{ name: 'escrow', state: 'up', backlog: 0, error: '' }];
  await refresh(page);
  assert.is(await page.locator('.turnpike-trouble').isVisible(), false);
  assert.match(await textOf(page, 'tbody'), /There is no such deposit/);
  assert.match(await figures(page), /Deposits\s+0\s+Held now\s+–/);
  await close(page);
});

test('deposits that an escrow has left behind are shown and said to be unsettled', async () => {
  payments = [];
  const page = await stage.open(view);
  assert.match(
    await textOf(page, '.turnpike-trouble'),
    /^2 deposits are open, and nothing charges or closes them/,
  );
  assert.is((await cellsOf(page, 'state')).length, 5);
  payments = [{ name: 'escrow', state: 'down', backlog: 1, error: evil }];
  await refresh(page);
  assert.match(await textOf(page, '.turnpike-trouble'), /not connected: <img/);
  await close(page);
});

test('of 620 the newest are in front, the sums are over all, and a refresh touches what has changed', async () => {
  escrows = Array.from({ length: 620 }, (_, i) => escrowOf(620 - i, 'closed'));
  const page = await stage.open(view);
  assert.is(await page.locator('tbody .tr').count(), 100);
  assert.match(await figures(page), /Deposits\s+620\s.*Earned\s+3061\.72616 USDC/s);
  escrows[612] = escrowOf(8, 'disputed');
  const { touched, took } = await refreshRows(page);
  assert.is(touched, 1, 'one row');
  console.log(`  a refresh of 100 deposits took ${Math.round(took)} ms`);
  escrows.push(escrowOf(0, 'opening'));
  await refresh(page);
  assert.is((await cellsOf(page, 'state'))[0], 'being paid in');
  assert.is(await page.locator('tbody .tr').count(), 100);
  await close(page);
});

test('in light and dark, on a phone and for who may only read: all fits and all is translated', async () => {
  const known =
    /USDC|0x[0-9a-f]{64}|insufficient_funds: told to|nobody answers|<img src=x onerror=alert\(1\)>/g;
  for (const dark of [false, true]) {
    for (const options of [{}, phone]) {
      const page = await stage.open(view, { dark, write: false }, options);
      assert.equal(await untranslated(page, known), []);
      assert.is(await overflow(page), 0, JSON.stringify({ dark, options }));
      await close(page);
    }
  }
  assert.equal(stage.router.refused, []);
});

test('a daemon that is down is said in the place of an empty table', async () => {
  stage.router.running = false;
  const page = await stage.open(view, { write: false });
  assert.match(await textOf(page, '#view'), /turnpike is not running/);
  assert.is(await page.locator('.turnpike-table').isVisible(), false);
  stage.router.running = true;
  await refresh(page);
  assert.is(await page.locator('.turnpike-down').isVisible(), false);
  assert.is((await cellsOf(page, 'state')).length, 5);
  await close(page);
});

test.run();
