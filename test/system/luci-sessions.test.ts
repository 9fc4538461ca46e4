// The page of sessions in a browser: what it shows, finds and writes to a file.
import { readFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOf, close, overflow, phone, refresh, refreshRows, textOf } from '../luci-app/browser.js';
import { button, evil, mac, move, shopFor, use } from '../luci-app/shop.js';

const shop = shopFor(use);

test('what is used and left, and who paid what', async () => {
  const page = await shop.open('turnpike/sessions');
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
  await move(shop, 1, 0, 1_000_000);
  await refresh(page);
  assert.match(await bars(), /14 MB left of 100 MB/);
  assert.match(await textOf(page, '.turnpike-rates >> nth=1'), /bit\/s/);
  await close(page);
});

test('search and sort', async () => {
  const page = await shop.open('turnpike/sessions');
  const shown = () => page.locator('tbody .turnpike-client').allInnerTexts();
  await page.fill('.turnpike-bar input', 'TILL 2');
  await page.getByText('⟦1 sessions, ').waitFor();
  assert.equal(await shown(), ['ada\n02:00:00:00:00:02']);
  await page.fill('.turnpike-bar input', 'nobody');
  await page.getByText('There is no such session').waitFor();
  assert.not.ok(
    await page.locator('button[aria-label*="Next page"]').isVisible(),
    'nobody pages through one page',
  );
  await page.fill('.turnpike-bar input', 'ANNAS');
  await page.locator('.turnpike-client:has-text("annas-phone")').waitFor();
  await page.getByText('⟦1 sessions, ').waitFor();
  await page.fill('.turnpike-bar input', '');
  await page.getByText('⟦2 sessions, ').waitFor();
  await page.locator('.turnpike-sort').nth(3).click();
  const up = await shown();
  await page.locator('.turnpike-sort').nth(3).click();
  assert.equal(await shown(), up.reverse());
  assert.is(await page.locator('th[aria-sort=descending]').count(), 1);
  await close(page);
});

test('on a phone, whose theme hides the heads, the order is chosen from a list', async () => {
  const page = await shop.open('turnpike/sessions', {}, phone);
  const shown = () => page.locator('tbody .turnpike-client').allInnerTexts();
  const order = page.getByRole('combobox', { name: 'Sort' });
  await order.waitFor();
  assert.not.ok(await page.locator('.turnpike-sort').first().isVisible(), 'no head is there');
  await order.selectOption({ label: '⟦⟦Data⟧, ascending⟧' });
  const up = await shown();
  await order.selectOption({ label: '⟦⟦Data⟧, descending⟧' });
  assert.equal(await shown(), [...up].reverse());
  await order.press('ArrowUp');
  assert.equal(await shown(), up, 'by keyboard');
  assert.is(await overflow(page), 0);
  await close(page);
});

test('where there are heads, no list of orders is beside them', async () => {
  const page = await shop.open('turnpike/sessions');
  await page.locator('.turnpike-sort').first().waitFor();
  assert.is(await page.getByRole('combobox', { name: 'Sort' }).count(), 0);
  await close(page);
});

test('of 1,307 the daemon sends a page, says how many there are, and a refresh touches what has changed', async () => {
  const one = (await shop.router.daemon.call('session', { mac: mac(1) })) as Table;
  const all: Table[] = Array.from({ length: 1307 }, (_, i) => ({ ...one, id: `s${i}`, user: `guest${i}` }));
  shop.router.stubs.sessions = ({ search, offset, limit }) => {
    const found = all.filter(({ user }) => String(user).includes(String(search)));
    const begin = Number(offset);
    return { sessions: found.slice(begin, begin + Number(limit)), count: found.length, online: found.length };
  };
  const page = await shop.open('turnpike/sessions');
  assert.is(await page.locator('tbody .tr').count(), 100);
  assert.match(await textOf(page, '#view'), /1307 sessions, 1307 online/);
  all[7] = { ...all[7]!, state: 'suspended' };
  const { touched, took } = await refreshRows(page);
  assert.is(touched, 1, 'one row');
  console.log(`  a refresh of 100 sessions took ${Math.round(took)} ms`);
  await page.fill('.turnpike-bar input', 'guest1300');
  await page.locator('.turnpike-client:has-text("guest1300")').waitFor();
  await close(page);
});

test('the file for a spreadsheet runs nothing there', async () => {
  shop.router.stubs.sessions = () => ({
    sessions: [{ ...one, user: '=HYPERLINK("x")' }],
    ...{ count: 1, online: 1 },
  });
  const one = await shop.router.daemon.call('session', { mac: mac(1) });
  const page = await shop.open('turnpike/sessions');
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
  const text = readFileSync(await file.path(), 'utf8');
  assert.match(text, /^\ufeffid,mac,user,plan,/);
  assert.match(text, /,"'=HYPERLINK\(""x""\)",/);
  await close(page);
});

test('what a deposit pays for leads to it', async () => {
  const one = await shop.router.daemon.call('session', { mac: mac(1) });
  const [lot] = one.lots as Table[];
  const lots = [lot!, { ...lot, method: 'x402-batch' }, { ...lot, method: 'x402-exact' }];
  shop.router.stubs.sessions = () => ({ sessions: [{ ...one, id: 's7', lots }], count: 1, online: 1 });
  const page = await shop.open('turnpike/sessions');
  assert.match((await cellsOf(page, 'paid'))[0]!, /cash, wallet$/);
  const links = await page
    .locator('.turnpike-paid a')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.equal(links, ['/cgi-bin/luci/admin/services/turnpike/deposits#s7']);
  await close(page);
});

test.run();
