// Every page of luci-app in a browser, against the real daemon behind a small stand-in for LuCI's runtime.
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Table } from '../../src/ubus/value.js';
import {
  cellsOf,
  close,
  open,
  overflow,
  phone,
  refresh,
  refreshRows,
  startBrowser,
  textOf,
  untranslated,
  type Watched,
} from '../luci/browser.js';
import { Router } from '../luci/router.js';

const mac = (i: number) => `02:00:00:00:00:0${i}`;
const evil = '<img src=x onerror=alert(1)>';
const sections = (portal: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${portal}'
config plan 'data'
	option title 'Data'
	option metric 'bytes'
	option step '10 MB'
	list price '0.05 USD'
config plan 'evil'
	option title '${evil}'
	option metric 'time'
	option step '1h'
	list price '0.50 USDC'
	option max_steps '1'
	option bytes '1 GB'
	option down_rate '20 Mbit'
config method 'cash'
	list currency 'USD 2'
	list currency 'USDC 6'
`;

const pages = [
  'turnpike/sessions',
  'turnpike/deposits',
  'turnpike/pricing',
  'turnpike/vouchers',
  'turnpike/statistics',
  'turnpike/upstream',
  'turnpike/general',
  'status/include/35_turnpike',
];

let router: Router;
let browser: Browser;
let settings: string;
let hosts: Table;
let keys = 0;

async function buy(client: number, plan: string, steps: number, user?: string): Promise<Table> {
  keys += 1;
  const currency = plan === 'data' ? 'USD' : 'USDC';
  const payment = { method: 'cash', currency, reference: `till ${client}` };
  const args = { mac: mac(client), plan, steps, payment, idempotency_key: `k${keys}`, ...(user && { user }) };
  const session = await router.daemon.call('purchase', args);
  assert.is(session.error, undefined, JSON.stringify(session));
  return session;
}

/** Lets a client move bytes and waits until they are counted. */
async function move(client: number, up: number, down: number): Promise<void> {
  const count = async () => {
    const session = await router.daemon.call('session', { mac: mac(client) });
    return Number(session.up_bytes) + Number(session.down_bytes);
  };
  // The portal counts in kB: what is less than one is told later.
  const wanted = (await count()) + up + down - 2048;
  const deadline = performance.now() + 20_000;
  let moved = false;
  while ((await count()) < wanted) {
    moved ||= router.portal.carry(mac(client) as never, up, down);
    if (performance.now() > deadline) throw new Error(`${await count()} of ${wanted} counted: ${moved}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the statistics have all the traffic of the tests before: usage is written every two seconds. */
async function allWritten(): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { series } = (await router.daemon.call('stats')) as { series: Table[] };
    const bytes = series.reduce((sum, row) => sum + Number(row.up_bytes) + Number(row.down_bytes), 0);
    if (bytes > 95_990_000) return;
    if (performance.now() > deadline) throw new Error(`${bytes} bytes in the statistics`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What later daemons have. */
function stubLater(): void {
  router.stubs.upstream_test = ({ name }) =>
    name === 'radius'
      ? { detail: 'pong' }
      : { error: { code: 'unreachable', message: 'connection refused' } };
}

test.before(async () => {
  router = await Router.start(sections, [1, 2, 3, 4, 5].map(mac));
  browser = await startBrowser();
  settings = router.config;
  hosts = router.hosts;
  stubLater();
  await buy(1, 'data', 10);
  await buy(2, 'evil', 1, 'ada');
  await move(1, 1_000_000, 84_000_000);
  await move(2, 1_000_000, 9_000_000);
});

test.after(async () => {
  await browser?.close();
  await router?.stop();
});

/** What one test changes, or leaves behind when it fails, is not there for the next one. */
test.after.each(async () => {
  for (const method of Object.keys(router.stubs)) delete router.stubs[method];
  stubLater();
  router.config = settings;
  router.hosts = hosts;
  if (router.running) await router.daemon.call('reload');
});

const button = (page: Watched, words: string) => page.locator(`button:has-text("${words}")`).first();
const modal = (page: Watched) => page.locator('.modal');

test('sessions: what is used and left, and who paid what', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  const text = await textOf(page, '.turnpike-table tbody');
  for (const words of ['annas-phone', 'ada', 'Data', evil, 'online', '0.50 USD', 'cash']) {
    assert.ok(text.includes(words), `${words} in ${text}`);
  }
  const bars = async () => {
    const titles = await page
      .locator('.cbi-progressbar')
      .evaluateAll((all) => all.map((bar) => bar.getAttribute('title')));
    return titles.join().replace(/[⟦⟧]/g, '');
  };
  assert.match(await bars(), /990 MB left of 1 GB,59 min \d+ s,15 MB left of 100 MB/);
  assert.is(await page.locator('.turnpike-low').count(), 1, 'the bar of who has used 85% warns');
  await move(1, 0, 1_000_000);
  await refresh(page);
  assert.match(await bars(), /14 MB left of 100 MB/);
  assert.match(await textOf(page, '.turnpike-rates >> nth=1'), /bit\/s/);
  await close(page);
});

test('sessions: search and sort', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  const shown = () => page.locator('tbody .turnpike-client').allInnerTexts();
  await page.fill('.turnpike-bar input', 'TILL 2');
  assert.equal(await shown(), ['ada\n02:00:00:00:00:02']);
  await page.fill('.turnpike-bar input', 'nobody');
  assert.match(await textOf(page, 'tbody'), /There is no such session/);
  await page.fill('.turnpike-bar input', '');
  await page.locator('.turnpike-sort').nth(3).click();
  const up = await shown();
  await page.locator('.turnpike-sort').nth(3).click();
  assert.equal(await shown(), up.reverse());
  assert.is(await page.locator('th[aria-sort=descending]').count(), 1);
  await close(page);
});

test('sessions: a top-up says what is missing, then adds to the session', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  await button(page, 'Top up').click();
  await modal(page).locator('button').last().click();
  assert.match(await textOf(page, '.modal [role=alert]'), /reason/);
  assert.is(
    await modal(page).locator('select').first().inputValue(),
    'evil',
    'the plan of the first row, ada',
  );
  await button(page, 'Cancel').click();
  await button(page, 'Grant or sell').click();
  await modal(page).locator('input').first().fill(mac(1));
  await modal(page).locator('select').first().selectOption(':data');
  await modal(page).locator('.turnpike-number').first().fill('2.5');
  await modal(page).locator('input').last().fill('broken film');
  await modal(page).locator('button').last().click();
  await page.waitForSelector('.modal', { state: 'detached' });
  const session = await router.daemon.call('session', { mac: mac(1) });
  assert.is((session.granted as Table).bytes, 102_500_000);
  assert.match(await textOf(page, '#notes'), /Done/);
  await close(page);
});

test('sessions: a sale for cash has its price in the dialog', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  await button(page, 'Grant or sell').click();
  await modal(page).locator('input').first().fill(mac(3));
  await modal(page).locator('input[type=number]').fill('4');
  await modal(page).locator('input[type=number]').dispatchEvent('change');
  const cash = modal(page).locator('option[value=USD]');
  await page.waitForFunction(`document.querySelector('option[value=USD]')?.text.includes('0.20 USD')`);
  assert.match(await cash.innerText(), /cash/);
  const pay = modal(page).locator('select').nth(3);
  assert.is(await pay.inputValue(), 'USD', 'nothing is given away that nobody wanted to');
  await modal(page).locator('input').last().fill('till 9');
  await modal(page).locator('button').last().click();
  await page.waitForSelector('.modal', { state: 'detached' });
  const sold = await router.daemon.call('session', { mac: mac(3) });
  assert.equal((sold.lots as Table[])[0]?.paid, { amount: '0.20', currency: 'USD' });
  await close(page);
});

test('sessions: closing tells the refund before and after', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  await page.fill('.turnpike-bar input', mac(3));
  await button(page, 'Close').click();
  assert.match(await textOf(page, '.modal'), /0\.20 USD, paid by cash/);
  await modal(page).locator('button').last().click();
  await page.waitForSelector('.modal', { state: 'detached' });
  assert.match(await textOf(page, '#notes'), /To be given back: 0\.20 USD/);
  assert.is((await router.daemon.call('session', { mac: mac(3) })).state, 'terminated');
  await page.locator('.turnpike-bar select').selectOption('terminated');
  await page.waitForFunction(`document.querySelector('tbody').innerText.includes('closed by hand')`);
  assert.equal(await cellsOf(page, 'left'), ['–'], 'nothing is left of what has ended');
  await close(page);
});

test('sessions: what has no price for now is not given away', async () => {
  const page = await open(browser, router.page('turnpike/sessions'));
  await button(page, 'Grant or sell').click();
  const [what, pay] = [modal(page).locator('select').first(), modal(page).locator('select').nth(3)];
  const steps = modal(page).locator('input[type=number]');
  const give = modal(page).locator('button').last();
  await modal(page).locator('input').first().fill(mac(3));
  await modal(page).locator('input').last().fill('till 9');
  await steps.fill('5000');
  await steps.dispatchEvent('change');
  await page.waitForSelector('.modal option[value=""]', { state: 'attached' });
  assert.match(await pay.innerText(), /does not sell this number/);
  await give.click();
  assert.match(await textOf(page, '.modal [role=alert]'), /Choose how it is paid/);
  await what.selectOption('evil');
  await page.waitForSelector('.modal option[value=USDC]', { state: 'attached' });
  assert.is(await steps.inputValue(), '1', 'a plan of one step');
  assert.is(await pay.inputValue(), 'USDC');
  await pay.selectOption('grant');
  await what.selectOption('data');
  await page.waitForSelector('.modal option[value=USD]', { state: 'attached' });
  assert.is(await pay.inputValue(), 'grant', 'what was chosen stays');
  await button(page, 'Cancel').click();
  await close(page);
});

test('sessions: devices without a session are suggested, by their names and addresses', async () => {
  router.hosts = {
    [mac(1).toUpperCase()]: { name: 'annas-phone', ipaddrs: ['10.0.0.2'] },
    'AA:00:00:00:00:04': { name: 'toms-tablet', ipaddrs: ['10.0.0.5', '10.0.1.5'] },
    'AA:00:00:00:00:05': { ipaddrs: ['10.0.0.6'] },
    'AA:00:00:00:00:06': { ip6addrs: ['fe80::1'] },
  };
  const page = await open(browser, router.page('turnpike/sessions'));
  await button(page, 'Grant or sell').click();
  await page.waitForSelector('datalist option', { state: 'attached' });
  const offered = await page
    .locator('datalist option')
    .evaluateAll((all) => all.map((one) => `${one.getAttribute('value')} ${one.textContent}`));
  assert.equal(offered, ['aa:00:00:00:00:05 10.0.0.6', 'aa:00:00:00:00:04 toms-tablet, 10.0.0.5']);
  const list = await modal(page).locator('input').first().getAttribute('list');
  assert.is(list, await page.locator('datalist').getAttribute('id'));
  await button(page, 'Cancel').click();
  await button(page, 'Top up').click();
  assert.is(await page.locator('datalist').count(), 0);
  await close(page);
});

test('sessions: what a deposit pays for leads to it', async () => {
  const one = await router.daemon.call('session', { mac: mac(1) });
  const [lot] = one.lots as Table[];
  const lots = [lot!, { ...lot, method: 'x402-batch' }, { ...lot, method: 'x402-exact' }];
  router.stubs.sessions = () => ({ sessions: [{ ...one, id: 's7', lots }] });
  const page = await open(browser, router.page('turnpike/sessions'));
  assert.match((await cellsOf(page, 'paid'))[0]!, /cash, wallet$/);
  const links = await page
    .locator('.turnpike-paid a')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.equal(links, ['/cgi-bin/luci/admin/services/turnpike/deposits#s7']);
  await close(page);
});

test('sessions: 500 of them are drawn at once, and a refresh touches what has changed', async () => {
  const one = (await router.daemon.call('session', { mac: mac(1) })) as Table;
  const all: Table[] = Array.from({ length: 500 }, (_, i) => ({ ...one, id: `s${i}`, user: `guest${i}` }));
  router.stubs.sessions = ({ after }) => {
    const begin = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const page = all.slice(begin, begin + 200);
    return { sessions: page, ...(page.length === 200 && { next: page[199]!.id }) };
  };
  const page = await open(browser, router.page('turnpike/sessions'));
  assert.is(await page.locator('tbody .tr').count(), 500);
  all[7] = { ...all[7]!, state: 'suspended' };
  const { touched, took } = await refreshRows(page);
  assert.is(touched, 1, 'one row');
  console.log(`  a refresh of 500 sessions took ${Math.round(took)} ms`);
  await close(page);
});

test('sessions: the file for a spreadsheet runs nothing there', async () => {
  router.stubs.sessions = () => ({
    sessions: [{ ...one, user: '=HYPERLINK("x")' }],
  });
  const one = await router.daemon.call('session', { mac: mac(1) });
  const page = await open(browser, router.page('turnpike/sessions'));
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
  const text = readFileSync(await file.path(), 'utf8');
  assert.match(text, /^\ufeffid,mac,user,plan,/);
  assert.match(text, /,"'=HYPERLINK\(""x""\)",/);
  await close(page);
});

test('pricing: the grid says what each plan sells, and the dialog says it at every keystroke', async () => {
  const page = await open(browser, router.page('turnpike/pricing'));
  assert.match(
    await textOf(page, '[data-section=data]'),
    /0\.05 USD buys 10 MB\s+Up to: 50\.00 USD buys 10 GB/,
  );
  assert.match(
    await textOf(page, '[data-section=evil]'),
    /0\.50 USDC buys 1 h\s+at most 1 GB, up to 20 Mbit\/s down/,
  );
  await page.locator('[data-section=data] .cbi-button-edit').click();
  const preview = () => textOf(page, '.turnpike-preview');
  await page.waitForFunction(`document.querySelector('.turnpike-preview').innerText.includes('buys')`);
  assert.match(await preview(), /0\.05 USD buys 10 MB/);
  const step = page.locator('.modal [data-name=step_data]');
  await step.locator('input').fill('');
  await step.locator('input').pressSequentially('1.5');
  assert.match(await preview(), /0\.05 USD buys 1\.5 MB/);
  await step.locator('select').selectOption('GB');
  assert.match(await preview(), /0\.05 USD buys 1\.5 GB/);
  const price = page.locator('.modal [data-name=price]');
  await price.locator('.item').click();
  assert.match(await preview(), /1\.5 GB, only granted/);
  for (const text of ['0.125 USD', '0.25 USDC']) {
    await price.locator('input').fill(text);
    await price.locator('input').press('Enter');
  }
  await page.locator('.modal .save').click();
  assert.match(await textOf(page, '.turnpike-fault'), /cash has 2 decimals of USD/);
  await price.locator('.item').first().click();
  await page.locator('.modal .save').click();
  await page.waitForSelector('.modal', { state: 'detached' });
  assert.match(await textOf(page, '[data-section=data]'), /0\.25 USDC buys 1\.5 GB/);
  await page.locator('.handleSaveApply').click();
  await page.waitForTimeout(500);
  const { plans } = (await router.daemon.call('plans')) as { plans: Table[] };
  assert.is(plans.find(({ id }) => id === 'data')?.step, 1_500_000_000);
  await close(page);
});

test('pricing: a new plan by time, with the limits that such a plan may have', async () => {
  const page = await open(browser, router.page('turnpike/pricing'));
  await page.fill('.cbi-section-create-name', 'night');
  await button(page, 'Add plan').click();
  const row = (name: string) => page.locator(`.modal [data-name=${name}]`);
  await page.locator('.modal .save').click();
  assert.ok(await page.locator('.modal').isVisible(), 'it has no step yet');
  await row('metric').locator('select').selectOption('time');
  assert.is(await row('seconds').isVisible(), false);
  assert.is(await row('step_data').isVisible(), false);
  await row('step_time').locator('input').fill('8');
  await row('step_time').locator('select').selectOption('h');
  await row('bytes').locator('input').fill('2');
  await row('bytes').locator('select').selectOption('GB');
  await row('up_rate').locator('input').fill('512');
  await row('pause_away').locator('input').check();
  await page.locator('.modal .save').click();
  await page.waitForSelector('.modal', { state: 'detached' });
  await page.locator('.handleSaveApply').click();
  await page.waitForTimeout(500);
  const { plans } = (await router.daemon.call('plans')) as { plans: Table[] };
  const night = plans.find(({ id }) => id === 'night')!;
  assert.is(night.step, 28_800);
  assert.equal(night.caps, { bytes: 2_000_000_000 });
  assert.is(night.up_rate, 512);
  assert.is(night.pause_away, true);
  await close(page);
});

test('vouchers: a batch is made, shown once, printed alone, and saved', async () => {
  const page = await open(browser, router.page('turnpike/vouchers'));
  assert.match(await textOf(page, 'tbody'), /There are no vouchers/);
  await button(page, 'New vouchers').click();
  const number = modal(page).locator('input[type=number]');
  await number.nth(1).fill('0');
  await modal(page).locator('button').last().click();
  assert.match(await textOf(page, '.modal [role=alert]'), /from 1 to 500/);
  await number.nth(1).fill('8');
  await modal(page).locator('input[type=date]').fill('2001-01-31');
  await modal(page).locator('button').last().click();
  assert.match(await textOf(page, '.modal [role=alert]'), /day is over/);
  await modal(page).locator('input[type=date]').fill('2099-01-31');
  await number.nth(0).fill('3');
  await modal(page).locator('button').last().click();
  await page.waitForSelector('.turnpike-cards');
  const codes = await modal(page).locator('.turnpike-card strong').allInnerTexts();
  assert.is(new Set(codes).size, 8);
  assert.match(await textOf(page, '.turnpike-card'), /Data\s+\S+\s+30 MB\s+valid until/);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    modal(page).locator('button:has-text("CSV")').click(),
  ]);
  const saved = readFileSync(await file.path(), 'utf8');
  assert.ok(codes.every((code) => saved.includes(`,${code},Data,2099-01-31T`)));
  await page.evaluate('window.print = () => { window.printed = true; }');
  await button(page, 'Print cards').click();
  assert.is(await page.evaluate('window.printed'), true);
  await page.emulateMedia({ media: 'print' });
  assert.is(await page.locator('.turnpike-sheet .turnpike-card:visible').count(), 8);
  assert.is(await page.locator('#view').isVisible(), false, 'the page around the cards is not printed');
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(`window.dispatchEvent(new Event('afterprint'))`);
  assert.is(await page.locator('.turnpike-sheet').count(), 0);
  await modal(page).locator('button').first().click();
  assert.is(await page.locator('tbody .tr').count(), 8);
  const view = await textOf(page, '#view');
  assert.not.ok(
    codes.some((code) => view.includes(code)),
    'codes are shown once',
  );
  await router.daemon.call('voucher_redeem', { code: codes[0]!, mac: mac(4) });
  await refresh(page);
  assert.match(await textOf(page, '#view'), /8 vouchers, 7 not used, 1 in use/);
  await router.daemon.call('close', { mac: mac(4) });
  await close(page);
});

test('vouchers: one is made void', async () => {
  const page = await open(browser, router.page('turnpike/vouchers'));
  await page.locator('tbody .tr', { hasText: '⟦not used⟧' }).first().locator('button').click();
  await modal(page).locator('button').last().click();
  await page.waitForSelector('.modal', { state: 'detached' });
  assert.match(await textOf(page, '#view'), /8 vouchers, .*, 1 void/);
  await page.fill('.turnpike-bar input', 'void');
  assert.is(await page.locator('tbody .tr:has-text("void") button').count(), 0);
  await close(page);
});

test('statistics: graphs of day, week and month in the colours of the theme, and as a file', async () => {
  await allWritten();
  const colours: string[] = [];
  for (const dark of [false, true]) {
    const page = await open(browser, router.page('turnpike/statistics', { dark }));
    const heads = await page.locator('figcaption').allInnerTexts();
    const text = heads.join('\n').replace(/[⟦⟧]/g, '');
    assert.match(text, /Revenue: 0\.65 USD\b/);
    assert.match(text, /Revenue: 0\.50 USDC/);
    assert.match(text, /Data: 96 MB/);
    assert.match(text, /Sessions: 4/);
    assert.is(await page.locator('.hit').count(), 4 * 24);
    colours.push(String(await page.evaluate(`getComputedStyle(document.querySelector('.first')).fill`)));
    for (const [tab, steps] of [
      ['week', 7],
      ['month', 30],
    ] as const) {
      await page.locator(`[data-span=${tab}]`).click();
      await page.waitForFunction(`document.querySelectorAll('.hit').length === ${4 * steps}`);
      assert.ok((await page.locator('rect.first').count()) >= 4, tab);
    }
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.is(lines[0], 'from,revenue_USD,revenue_USDC,up_bytes,down_bytes,sessions');
    assert.match(lines.at(-1)!, /,0\.65,0\.500000,\d{7},\d{8},4$/);
    assert.is(lines.length, 31);
    await close(page);
  }
  assert.is.not(colours[0], colours[1]);
});

test('upstream: settings are checked, secrets go in and never come out', async () => {
  router.stubs.status = async () => ({
    ...(await router.daemon.call('status')),
    sinks: [
      { name: 'radius', state: 'up', backlog: 0, error: '' },
      { name: 'mqtt', state: 'down', backlog: 1242, error: 'connection refused' },
      { name: 'escrow', state: 'up', backlog: 3, error: 'not confirmed yet' },
    ],
  });
  const page = await open(browser, router.page('turnpike/upstream'));
  for (const name of ['radius', 'mqtt', 'escrow']) await page.locator(`[data-add=${name}]`).click();
  await refresh(page);
  const row = (section: string, name: string) =>
    page.locator(`[data-field="cbid.turnpike.${section}.${name}"]`);
  assert.match(await row('radius', '_state_radius').innerText(), /connected.*0 reports wait/s);
  assert.match(
    await row('mqtt', '_state_mqtt').innerText(),
    /not connected.*1242 reports.*connection refused/s,
  );
  assert.match(await row('escrow', '_state_escrow').innerText(), /3 deposits wait.*all deposits/s);
  await row('radius', '_test_radius').locator('button').click();
  await page.waitForSelector('[data-field="cbid.turnpike.radius._test_radius"] .good');
  assert.match(await row('radius', '_test_radius').innerText(), /pong/);
  await row('mqtt', '_test_mqtt').locator('button').click();
  await page.waitForSelector('[data-field="cbid.turnpike.mqtt._test_mqtt"] .bad');
  await row('radius', 'enabled').locator('input').check();
  await row('radius', 'secret').locator('input').fill('tell-nobody-77');
  await row('mqtt', 'url').locator('input').fill('nonsense');
  const save = async () => {
    await page.locator('.handleSave').click();
    await page.waitForTimeout(400);
  };
  await save();
  assert.not.match(router.config, /config radius/, 'the server is missing');
  await row('radius', 'server').locator('input').fill('radius.example.net');
  await save();
  assert.not.match(router.config, /config radius/, 'the address of the broker is none');
  await row('mqtt', 'url').locator('input').fill('mqtts://broker.example.net:8883');
  await row('radius', 'interim').locator('input').fill('5');
  await save();
  assert.match(router.config, /option server 'radius\.example\.net'\n/);
  assert.match(router.config, /option interim '5 min'\n/);
  assert.match(router.config, /option url 'mqtts:\/\/broker\.example\.net:8883'/);
  assert.equal(router.secrets.radius, { secret: 'tell-nobody-77' });
  assert.not.match(router.config, /tell-nobody/);
  await page.reload();
  await page.waitForFunction('window.drawn === true');
  const secret = row('radius', 'secret').locator('input');
  assert.is(await secret.inputValue(), '');
  assert.is(await secret.getAttribute('type'), 'password');
  await save();
  assert.equal(router.secrets.radius, { secret: 'tell-nobody-77' }, 'what is left empty stays');
  assert.not.ok(router.sent.some((answer) => answer.includes('tell-nobody')));
  await close(page);
});

test('upstream: what is advanced is saved, and what hangs on a switch is kept while that is off', async () => {
  const page = await open(browser, router.page('turnpike/upstream'));
  for (const name of ['radius', 'mqtt']) await page.locator(`[data-add=${name}]`).click();
  const row = (section: string, name: string) =>
    page.locator(`[data-tab=advanced] [data-field="cbid.turnpike.${section}.${name}"]`);
  const coa = page.locator('[data-field="cbid.turnpike.radius.coa"] input');
  const orders = ['coa_port', 'coa_address', 'coa_client', 'mac_password'];
  for (const name of orders) assert.is(await row('radius', name).isVisible(), false, name);
  await coa.check();
  await page.locator('[data-field="cbid.turnpike.radius.mac_auth"] input').check();
  await row('radius', 'coa_address').locator('input').fill('10.0.0.1');
  await row('radius', 'mac_password').locator('input').fill('tell-nobody-78');
  for (const [name, text] of [
    ['coa_client', '10.0.0.9'],
    ['acct_server', '10.0.0.8:bad'],
  ]) {
    await row('radius', name!).locator('input').fill(text!);
    await row('radius', name!).locator('input').press('Enter');
  }
  await row('mqtt', 'client_id').locator('input').fill('hotel 1');
  const save = async () => {
    await page.locator('.handleSave').click();
    await page.waitForTimeout(400);
  };
  await save();
  assert.match(await textOf(page, '.turnpike-fault'), /Enter a server such as/);
  await row('radius', 'acct_server').locator('.item').click();
  await save();
  assert.not.match(router.config, /config radius/, 'a name has no spaces');
  await row('mqtt', 'client_id').locator('input').fill('hotel-1');
  await row('mqtt', 'session_expiry').locator('input').fill('3');
  await save();
  assert.match(router.config, /option client_id 'hotel-1'\n/);
  assert.match(router.config, /option session_expiry '3 d'\n/);
  assert.is(router.secrets.radius?.mac_password, 'tell-nobody-78');
  await coa.uncheck();
  await save();
  assert.match(router.config, /option coa_address '10\.0\.0\.1'\n\tlist coa_client '10\.0\.0\.9'\n/);
  assert.equal(await router.daemon.call('reload'), { applied: true }, 'the daemon takes all of it');
  await close(page);
});

test('general: the state of the daemon, settings with units, and what it thinks of them', async () => {
  const page = await open(browser, router.page('turnpike/general'));
  assert.match(await textOf(page, '.turnpike-summary'), /Journal\s+in order.*Portal lan\s+up, \d clients/s);
  const row = (name: string) => page.locator(`[data-field="cbid.turnpike.main.${name}"]`);
  await row('flush_interval').locator('input').fill('2');
  await row('flush_interval').locator('select').selectOption('h');
  await page.locator('.handleSave').click();
  await page.waitForTimeout(300);
  assert.not.match(router.config, /2 h/, 'an hour at the most');
  await row('flush_interval').locator('select').selectOption('min');
  await row('bill_downtime').locator('input').check();
  await page.locator('.handleSave').click();
  await page.waitForTimeout(300);
  assert.match(router.config, /option flush_interval '2 min'/);
  assert.match(router.config, /option bill_downtime '1'/);
  await button(page, 'Read the saved').click();
  await page.waitForSelector('.success');
  router.config = router.config.replace("'0.05 USD'", "'0.055 USD'");
  await button(page, 'Read the saved').click();
  await page.waitForSelector('#view .danger');
  assert.match(
    await textOf(page, '#view .danger'),
    /old settings:\s+plan 'data': price: method 'cash' has 2 dec/,
  );
  await page.locator('[data-section=lan] .cbi-button-edit').click();
  const share = page.locator('.modal [data-name=poll_max]');
  await share.locator('input').fill('20');
  await page.locator('.modal .save').click();
  await page.waitForSelector('.modal', { state: 'detached' });
  assert.match(router.config, /option poll_max '20 s'/);
  await close(page);
});

test('the box on the overview', async () => {
  await allWritten();
  const page = await open(browser, router.page('status/include/35_turnpike'));
  assert.match(await textOf(page, '#view'), /2 online, 0 away.*0\.65 USD, 0\.50 USDC.*96 MB.*all up/s);
  await close(page);
  router.stubs.status = async () => ({
    ...(await router.daemon.call('status')),
    sinks: [
      { name: 'mqtt', state: 'down', backlog: 7, error: 'connection refused' },
      { name: 'escrow', state: 'up', backlog: 1, error: 'not confirmed yet' },
    ],
  });
  const troubled = await open(browser, router.page('status/include/35_turnpike'));
  assert.match(await textOf(troubled, '#view'), /no connection: mqtt.*not in order: escrow/s);
  await close(troubled);
});

test('every page in light and dark, and on a phone: all of it fits and all of it is translated', async () => {
  const known = new RegExp(
    [
      'ada|annas-phone|Data|data|evil|lan|night|cash|till \\d|till|USDC?|openNDS|nodogsplash|MessagePack|JSON|Base( Sepolia)?',
      '0\\.1\\.0|[a-z0-9]{8}-\\d|AM|PM|Mon|Tue|Wed|Thu|Fri|Sat|Sun|x onerror|<img src=x onerror=alert\\(1\\)>',
    ].join('|'),
    'g',
  );
  for (const view of pages) {
    for (const options of [{}, phone]) {
      for (const dark of [false, true]) {
        const page = await open(browser, router.page(view, { dark }), options);
        assert.equal(await untranslated(page, known), [], view);
        assert.is(await overflow(page), 0, `${view} is too wide`);
        await close(page);
      }
    }
  }
});

test('on a phone every dialog fits', async () => {
  const dialogs: [string, string][] = [
    ['turnpike/sessions', 'Top up'],
    ['turnpike/sessions', 'Close'],
    ['turnpike/sessions', 'Grant or sell'],
    ['turnpike/pricing', 'Edit'],
    ['turnpike/vouchers', 'New vouchers'],
    ['turnpike/general', 'Edit'],
  ];
  for (const [view, words] of dialogs) {
    const page = await open(browser, router.page(view), phone);
    await button(page, words).click();
    await page.waitForTimeout(300);
    const wide = await page.evaluate(`(() => { const m = document.querySelector('.modal');
      return m.scrollWidth - m.clientWidth; })()`);
    assert.is(wide, 0, `${view}: ${words}`);
    await close(page);
  }
});

test('who may only read sees no button that would fail', async () => {
  const allowed =
    /^(Download CSV|Details|Dismiss|When|Paid in|Charged|Earned|Given back|Client|Plan|State|Data|Time left|Speed|Paid|Voucher|Made|Left|Valid until)$/;
  for (const view of pages) {
    const page = await open(browser, router.page(view, { write: false }));
    await refresh(page);
    const buttons = await page.locator('button:enabled').allInnerTexts();
    const others = buttons.map((text) => text.replace(/[⟦⟧ ▾▴]/g, (c) => (c === ' ' ? c : '')).trim());
    assert.equal(
      others.filter((text) => !allowed.test(text)),
      [],
      view,
    );
    if (await page.locator('.cbi-button-edit').count()) {
      await page.locator('.cbi-button-edit').first().click();
      await page.waitForSelector('.modal');
      assert.is(await page.locator('.modal .save:enabled').count(), 0, view);
    }
    await close(page);
  }
  assert.equal(router.refused, [], 'and no page asks for what it may not have');
});

test('what the daemon cannot do is told from a daemon that is down', async () => {
  router.stubs.vouchers = () => ({ error: { code: 'odd', message: 'something of its own' } });
  const page = await open(browser, router.page('turnpike/vouchers'));
  assert.match(await textOf(page, '.turnpike-down'), /something of its own/);
  assert.is(await button(page, 'Start turnpike').count(), 0);
  await close(page);
});

test('a daemon that is down is said on every page, and started from there', async () => {
  await router.daemon.end('SIGTERM');
  router.running = false;
  for (const view of pages) {
    for (const write of [true, false]) {
      const page = await open(browser, router.page(view, { write }));
      assert.match(
        await textOf(page, '#view'),
        view === 'turnpike/pricing' ? /Pricing/ : /turnpike is not running/,
      );
      const start = await page.locator('button:has-text("Start turnpike")').count();
      const offers = write && view !== 'turnpike/pricing' && !view.includes('include');
      assert.is(start, offers ? 1 : 0, view);
      await close(page);
    }
  }
  const page = await open(browser, router.page('turnpike/sessions'));
  await button(page, 'Start turnpike').click();
  await page.waitForSelector('.turnpike-down', { state: 'hidden' });
  await page.waitForFunction(`document.querySelector('tbody').innerText.includes('ada')`);
  await close(page);
});

test.run();
