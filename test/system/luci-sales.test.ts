// The dialogs of the page of sessions, which give access and take it back.
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOf, close, textOf } from '../luci-app/browser.js';
import { act, button, mac, modal, sell, shopFor, shut } from '../luci-app/shop.js';

const shop = shopFor(sell);

test('a top-up says what is missing, then adds to the session', async () => {
  const page = await shop.open('turnpike/sessions');
  await button(page, 'Top up').click();
  await act(page);
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
  await act(page);
  await shut(page);
  const session = await shop.router.daemon.call('session', { mac: mac(1) });
  assert.is((session.granted as Table).bytes, 102_500_000);
  assert.match(await textOf(page, '#notes'), /Done/);
  await close(page);
});

test('a sale for cash has its price in the dialog', async () => {
  const page = await shop.open('turnpike/sessions');
  await button(page, 'Grant or sell').click();
  await modal(page).locator('input').first().fill(mac(3));
  await modal(page).locator('input[inputmode=numeric]').fill('4');
  await modal(page).locator('input[inputmode=numeric]').dispatchEvent('change');
  const cash = modal(page).locator('option[value=USD]');
  await page.waitForFunction(`document.querySelector('option[value=USD]')?.text.includes('0.20 USD')`);
  assert.match(await cash.innerText(), /cash/);
  const pay = modal(page).locator('select').nth(3);
  assert.is(await pay.inputValue(), 'USD', 'nothing is given away that nobody wanted to');
  await modal(page).locator('input').last().fill('till 9');
  await act(page);
  await shut(page);
  const sold = await shop.router.daemon.call('session', { mac: mac(3) });
  assert.equal((sold.lots as Table[])[0]?.paid, { amount: '0.20', currency: 'USD' });
  await close(page);
});

test('the dialog says what the steps give, and beside them when there are no such steps', async () => {
  const page = await shop.open('turnpike/sessions');
  await button(page, 'Grant or sell').click();
  const steps = modal(page).locator('input[inputmode=numeric]');
  const beside = modal(page)
    .locator('.cbi-value', { has: page.locator('input[inputmode=numeric]') })
    .locator('.cbi-value-description');
  await beside.getByText('10 MB').waitFor();
  await steps.fill('3');
  await beside.getByText('30 MB').waitFor();
  for (const wrong of ['0', '1.5', '1001']) {
    await steps.fill(wrong);
    await beside.locator('.turnpike-fault').waitFor();
    await steps.fill('3');
    await beside.getByText('30 MB').waitFor();
  }
  await close(page);
});

test('a price that has changed meanwhile is not booked, and the dialog shows the new one', async () => {
  const page = await shop.open('turnpike/sessions');
  shop.router.stubs.quote = () => ({ payment: [{ method: 'cash', amount: '0.01', currency: 'USD' }] });
  await button(page, 'Grant or sell').click();
  await modal(page).locator('input').first().fill(mac(5));
  await page.waitForFunction(`document.querySelector('option[value=USD]')?.text.includes('0.01 USD')`);
  await modal(page).locator('input').last().fill('till 11');
  delete shop.router.stubs.quote;
  await act(page);
  await page.waitForSelector('.modal [role=alert]:visible');
  assert.match(await textOf(page, '.modal [role=alert]'), /price is another one/);
  await page.waitForFunction(`document.querySelector('option[value=USD]')?.text.includes('0.05 USD')`);
  await act(page);
  await shut(page);
  const sold = await shop.router.daemon.call('session', { mac: mac(5) });
  assert.equal((sold.lots as Table[])[0]?.paid, { amount: '0.05', currency: 'USD' });
  await close(page);
});

test('while a sale is under way it cannot be cancelled', async () => {
  const page = await shop.open('turnpike/sessions');
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    shop.router.stubs.close = () =>
      new Promise((done) => {
        answer = () => done({ refunds: [] });
        resolve();
      });
  });
  await page.locator('tbody .tr button:has-text("Close")').first().click();
  await act(page);
  await asked;
  await page.keyboard.press('Escape');
  assert.is(await modal(page).count(), 1, 'its answer may be shown once only');
  answer();
  await shut(page);
  await close(page);
});

test('closing tells the refund before and after', async () => {
  const page = await shop.open('turnpike/sessions');
  await page.fill('.turnpike-bar input', mac(3));
  await button(page, 'Close').click();
  assert.match(await textOf(page, '.modal'), /0\.20 USD, paid by cash/);
  await act(page);
  await shut(page);
  assert.match(await textOf(page, '#notes'), /To be given back: 0\.20 USD/);
  assert.is((await shop.router.daemon.call('session', { mac: mac(3) })).state, 'terminated');
  await page.locator('.turnpike-bar select').selectOption('terminated');
  await page.waitForFunction(`document.querySelector('tbody').innerText.includes('closed by hand')`);
  assert.equal(await cellsOf(page, 'left'), ['–'], 'nothing is left of what has ended');
  await close(page);
});

test('what has no price for now is not given away', async () => {
  const page = await shop.open('turnpike/sessions');
  await button(page, 'Grant or sell').click();
  const [what, pay] = [modal(page).locator('select').first(), modal(page).locator('select').nth(3)];
  const steps = modal(page).locator('input[inputmode=numeric]');
  const give = modal(page).locator('button').last();
  await modal(page).locator('input').first().fill(mac(3));
  await modal(page).locator('input').last().fill('till 9');
  await steps.fill('5000');
  await steps.dispatchEvent('change');
  await page.waitForSelector('.modal option[value=""]', { state: 'attached' });
  assert.match(await textOf(page, '.modal .turnpike-fault'), /Steps of this plan at a time: 1 to 1000/);
  await give.click();
  assert.match(await textOf(page, '.modal [role=alert]'), /Steps of this plan at a time: 1 to 1000/);
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

test('devices without a session are suggested, by their names and addresses', async () => {
  shop.router.hosts = {
    [mac(1).toUpperCase()]: { name: 'annas-phone', ipaddrs: ['10.0.0.2'] },
    'AA:00:00:00:00:04': { name: 'toms-tablet', ipaddrs: ['10.0.0.5', '10.0.1.5'] },
    'AA:00:00:00:00:05': { ipaddrs: ['10.0.0.6'] },
    'AA:00:00:00:00:06': { ip6addrs: ['fe80::1'] },
  };
  const page = await shop.open('turnpike/sessions');
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

test.run();
