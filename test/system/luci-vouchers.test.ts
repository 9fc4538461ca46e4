// The page of vouchers in a browser.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, refresh, textOf } from '../luci-app/browser.js';
import { scanned } from '../luci-app/scan.js';
import { act, button, mac, modal, shopFor, shut } from '../luci-app/shop.js';

const shop = shopFor();

test('a batch is made, shown once where no codes are kept, printed alone, and saved', async () => {
  const { router } = shop;
  router.config = router.config.replace("'main'\n", "'main'\n\toption reprint '0'\n");
  await router.daemon.call('reload');
  const page = await shop.open('turnpike/vouchers');
  assert.match(await textOf(page, 'tbody'), /There are no vouchers/);
  await button(page, 'New vouchers').click();
  const number = modal(page).locator('input[inputmode=numeric]');
  await number.nth(1).fill('0');
  await act(page);
  assert.match(await textOf(page, '.modal [role=alert]'), /from 1 to 500/);
  await number.nth(1).fill('8');
  await modal(page).locator('input[type=date]').fill('2001-01-31');
  await act(page);
  assert.match(await textOf(page, '.modal [role=alert]'), /day is over/);
  await modal(page).locator('input[type=date]').fill('2099-01-31');
  await number.nth(0).fill('1001');
  await page.getByText('Steps of this plan at a time: 1 to 1000.').waitFor();
  await number.nth(0).fill('3');
  await modal(page).locator('strong', { hasText: '30 MB' }).waitFor();
  await act(page);
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
  await page.keyboard.press('Escape');
  assert.match(await textOf(page, '.modal [role=alert]'), /Have you printed or saved them/);
  await page.keyboard.press('Escape');
  assert.is(await modal(page).locator('[role=alert]').count(), 0, 'Escape alone destroys no code');
  assert.is(await modal(page).locator('.turnpike-card strong').count(), 8);
  await button(page, 'Close').click();
  await button(page, 'Close for good').click();
  assert.is(await page.locator('tbody .tr').count(), 8);
  const view = await textOf(page, '#view');
  assert.not.ok(
    codes.some((code) => view.includes(code)),
    'codes are shown once',
  );
  await shop.router.daemon.call('voucher_redeem', { code: codes[0]!, mac: mac(4) });
  await refresh(page);
  assert.match(await textOf(page, '#view'), /8 vouchers, 7 not used, 1 in use/);
  await shop.router.daemon.call('close', { mac: mac(4) });
  await close(page);
});

test('a voucher on paper: what it gives and costs, and codes that a phone reads, on A4 and on a receipt', async () => {
  const web = `config web 'web'\n\toption name 'Café "Zur Post"'\n\tlist listen '192.168.1.1:2080'\n`;
  shop.router.config = `${shop.router.config}${web}`;
  const page = await shop.open('turnpike/vouchers', {}, { deviceScaleFactor: 2 });
  await button(page, 'New vouchers').click();
  await modal(page).locator('input[inputmode=numeric]').nth(1).fill('3');
  await act(page);
  await page.waitForSelector('.turnpike-cards');
  const codes = await modal(page).locator('.turnpike-card strong').allInnerTexts();
  await page.evaluate('window.print = () => undefined');
  const field = (label: string) => page.getByLabel(label);
  await field('Name of the WiFi network').fill('Post; oben');
  for (const [paper, each, pages] of [
    ['a4', 2, 2],
    ['roll', 1, 3],
  ] as const) {
    await field('Paper').selectOption(paper);
    await field('Vouchers on a page').fill(String(each));
    await button(page, 'Print cards').click();
    await page.emulateMedia({ media: 'print' });
    assert.is(await page.locator('.turnpike-page').count(), pages, paper);
    const text = await textOf(page, '.turnpike-voucher');
    assert.match(text, /Café "Zur Post"\s+Data\s+10 MB · 0\.05 USD\s+\S+/);
    assert.match(text, /Join the network Post; oben/);
    assert.match(text, /open http:\/\/192\.168\.1\.1:2080\//);
    const pictures = page.locator(`.turnpike-voucher:has-text("${codes[0]}") .turnpike-qr`);
    assert.is(await scanned(page, pictures.nth(0)), 'WIFI:S:Post\\; oben;;');
    assert.is(await scanned(page, pictures.nth(1)), `http://192.168.1.1:2080/#${codes[0]}`);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(`window.dispatchEvent(new Event('afterprint'))`);
    assert.is(await page.locator('head style').count(), 0, 'the size of the paper goes with the sheet');
  }
  const kept = await page.evaluate(`localStorage.getItem('turnpike.paper')`);
  assert.is(kept, '{"paper":"roll","each":1,"network":"Post; oben"}');
  await close(page);
});

test('one is made void', async () => {
  const page = await shop.open('turnpike/vouchers');
  await page
    .locator('tbody .tr', { hasText: '⟦not used⟧' })
    .first()
    .getByRole('button', { name: 'Void' })
    .click();
  await act(page);
  await shut(page);
  assert.match(await textOf(page, '#view'), /11 vouchers, .*, 1 void/);
  await page.fill('.turnpike-bar input', 'void');
  await page.getByText('⟦1 vouchers⟧, 1 ⟦void⟧').waitFor();
  assert.is(await page.locator('tbody .tr:has-text("void") button').count(), 0);
  await close(page);
});

test('a batch among many is searched for, paged through, and voided whole from one of its rows', async () => {
  const order = { plan: 'data', count: 130, idempotency_key: 'many' };
  const { batch } = (await shop.router.daemon.call('voucher_create', order)) as { batch: string };
  const page = await shop.open('turnpike/vouchers');
  await page.fill('.turnpike-bar input', batch);
  await page.getByText('⟦1 to 100 of 130⟧').waitFor();
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('⟦101 to 130 of 130⟧').waitFor();
  assert.is(await page.locator('tbody .tr').count(), 30);
  await page.locator('tbody .tr').first().locator('button').click();
  await modal(page)
    .getByRole('button', { name: `Void batch⟧ ${batch}` })
    .click();
  await modal(page).getByText('Void this batch?').waitFor();
  await act(page);
  await shut(page);
  await page.getByText('130 ⟦void⟧').waitFor();
  await close(page);
});

test('codes are shown again and printed until the first of them is used', async () => {
  const page = await shop.open('turnpike/vouchers');
  await button(page, 'New vouchers').click();
  await modal(page).locator('input[inputmode=numeric]').nth(1).fill('2');
  await act(page);
  await page.waitForSelector('.turnpike-cards');
  const shown = () => modal(page).locator('.turnpike-card strong').allInnerTexts();
  const codes = await shown();
  const text = await textOf(page, '.modal');
  assert.match(text, /can be printed again until the first one is used/);
  // Escape presses the first button of the row: nothing is lost, so nothing is asked.
  await page.keyboard.press('Escape');
  await shut(page);
  const [, batch] = /of batch (\w+)/.exec(text) ?? [];
  await page.fill('.turnpike-bar input', batch!);
  const row = page.locator('tbody .tr', { hasText: `${batch}-2` });
  const again = row.getByRole('button', { name: 'Print again' });
  await again.click();
  await page.waitForSelector('.turnpike-cards');
  assert.equal(await shown(), codes);
  await page.evaluate('window.print = () => { window.printed = true; }');
  await button(page, 'Print cards').click();
  assert.is(await page.evaluate('window.printed'), true);
  await page.evaluate(`window.dispatchEvent(new Event('afterprint'))`);
  await page.keyboard.press('Escape');
  await shut(page);
  // Somebody else was quicker.
  shop.router.stubs.voucher_codes = () => ({ error: { code: 'codes_not_kept', message: '' } });
  await again.click();
  await page.getByText('their codes are not kept any more').waitFor();
  await shop.router.daemon.call('voucher_redeem', { code: codes[0]!, mac: mac(5) });
  await refresh(page);
  assert.is(await again.count(), 0);
  assert.is(await row.getByRole('button', { name: 'Void' }).count(), 1, 'the other one still buys');
  await shop.router.daemon.call('close', { mac: mac(5) });
  await close(page);
});

test('what the daemon cannot do is told from a daemon that is down', async () => {
  shop.router.stubs.vouchers = () => ({ error: { code: 'odd', message: 'something of its own' } });
  const page = await shop.open('turnpike/vouchers');
  assert.match(await textOf(page, '.turnpike-down'), /something of its own/);
  assert.is(await button(page, 'Start turnpike').count(), 0);
  await close(page);
});

test.run();
