// The page of plans and prices in a browser.
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, textOf } from '../luci-app/browser.js';
import { button, save, shopFor, shut } from '../luci-app/shop.js';

const shop = shopFor();

test('the grid says what each plan sells, and the dialog says it at every keystroke', async () => {
  const page = await shop.open('turnpike/pricing');
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
  await shut(page);
  assert.match(await textOf(page, '[data-section=data]'), /0\.25 USDC buys 1\.5 GB/);
  await save(page, 'handleSaveApply');
  const { plans } = (await shop.router.daemon.call('plans')) as { plans: Table[] };
  assert.is(plans.find(({ id }) => id === 'data')?.step, 1_500_000_000);
  await close(page);
});

test('a price that was typed and never added is not lost, and a wrong one keeps the dialog open', async () => {
  const page = await shop.open('turnpike/pricing');
  await page.locator('[data-section=evil] .cbi-button-edit').click();
  const price = page.locator('.modal [data-name=price]');
  await price.locator('input').fill('about 3');
  await price.locator('input').press('Tab');
  const preview = page.locator('.modal .turnpike-preview');
  await preview.filter({ hasText: 'such as 0.50 USD' }).waitFor();
  await page.locator('.modal .save').click();
  assert.match(await textOf(page, '.turnpike-fault'), /such as 0\.50 USD/);
  await price.locator('input').fill('');
  await price.locator('input').pressSequentially('$0,25');
  assert.match(await textOf(page, '.modal .turnpike-preview'), /0\.25 USD buys 1 h/);
  await page.locator('.modal .save').click();
  await shut(page);
  assert.match(await textOf(page, '[data-section=evil]'), /0\.50 USDC or 0\.25 USD buys 1 h/);
  await close(page);
});

test('a new plan by time, with the limits that such a plan may have', async () => {
  const page = await shop.open('turnpike/pricing');
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
  await shut(page);
  await save(page, 'handleSaveApply');
  const { plans } = (await shop.router.daemon.call('plans')) as { plans: Table[] };
  const night = plans.find(({ id }) => id === 'night')!;
  assert.is(night.step, 28_800);
  assert.equal(night.caps, { bytes: 2_000_000_000 });
  assert.is(night.up_rate, 512);
  assert.is(night.pause_away, true);
  await close(page);
});

test.run();
