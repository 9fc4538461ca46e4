// The page of general settings in a browser.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, textOf } from '../luci-app/browser.js';
import { button, save, shopFor, shut } from '../luci-app/shop.js';

const shop = shopFor();

test('the state of the daemon, settings with units, and what it thinks of them', async () => {
  const page = await shop.open('turnpike/general');
  assert.match(await textOf(page, '.turnpike-summary'), /Journal\s+in order.*Portal lan\s+up, \d clients/s);
  const row = (name: string) => page.locator(`[data-field="cbid.turnpike.main.${name}"]`);
  await row('flush_interval').locator('input').fill('2');
  await row('flush_interval').locator('select').selectOption('h');
  await save(page);
  assert.not.match(shop.router.config, /2 h/, 'an hour at the most');
  await row('flush_interval').locator('select').selectOption('min');
  await row('bill_downtime').locator('input').check();
  await save(page);
  assert.match(shop.router.config, /option flush_interval '2 min'/);
  assert.match(shop.router.config, /option bill_downtime '1'/);
  await button(page, 'Read the saved').click();
  await page.waitForSelector('.success');
  shop.router.config = shop.router.config.replace("'0.05 USD'", "'0.055 USD'");
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
  await shut(page);
  assert.match(shop.router.config, /option poll_max '20 s'/);
  await close(page);
});

test('what is wrong with the settings stands above each page, and leads to the field, until it is mended', async () => {
  const good = shop.router.config;
  shop.router.config = good.replace("'0.05 USD'", "'0.055 USD'");
  assert.is((await shop.router.daemon.call('reload')).applied, false);
  for (const view of ['turnpike/statistics', 'turnpike/pricing']) {
    const page = await shop.open(view);
    const link = page.locator('.turnpike-banner a');
    await link.waitFor();
    assert.match(await link.innerText(), /turnpike:\d+: plan 'data': price: method 'cash' has 2 decimals/);
    assert.match(await textOf(page, '.turnpike-banner'), /goes on with the old settings/);
    assert.match(String(await link.getAttribute('href')), /turnpike\/pricing#cbi-turnpike-data-price$/);
    await close(page);
  }
  shop.router.config = good.replace("'USD 2'", "'EUR 2'").replace("'USDC 6'", "'CHF 2'");
  await shop.router.daemon.call('reload');
  const warned = await shop.open('turnpike/sessions');
  const plan = warned.getByRole('link', { name: 'Nobody can pay for the plan data.' });
  assert.match(String(await plan.getAttribute('href')), /turnpike\/pricing#cbi-turnpike-data-price$/);
  const till = warned.getByRole('link', { name: 'No plan has a price that cash takes.' });
  assert.match(String(await till.getAttribute('href')), /general#cbi-turnpike-cash-currency$/);
  await close(warned);
  shop.router.config = good;
  await shop.router.daemon.call('reload');
  const page = await shop.open('turnpike/pricing');
  assert.is(await page.locator('.turnpike-banner').isVisible(), false);
  await close(page);
});

test('the way from a fault leads into the dialog of a row and into another tab', async () => {
  const { router } = shop;
  router.config = router.config.replace("'0.05 USD'", "'0.055 USD'");
  assert.is((await router.daemon.call('reload')).applied, false);
  const page = await shop.open('turnpike/statistics');
  const href = String(await page.locator('.turnpike-banner a').getAttribute('href'));
  await close(page);
  const pricing = await shop.open('turnpike/pricing', { hash: href.replace(/.*#/, '') });
  await pricing.locator('.modal [data-name=price] :focus').waitFor();
  assert.not.match(pricing.url(), /#/, 'who leaves the dialog is not led there again');
  await close(pricing);
  const general = await shop.open('turnpike/general', { hash: 'cbi-turnpike-main-low_percent' });
  await general.locator('[data-tab=metering][data-chosen] [data-name=low_percent] :focus').waitFor();
  await close(general);
});

test('a button for the firewall asks what there is to set up, and says what is in the way', async () => {
  const page = await shop.open('turnpike/general');
  await button(page, 'the firewall').click();
  await page.getByText(/uci cannot be started|is set up already|Flow offload is switched off/).waitFor();
  await close(page);
});

test('the button for turnpike at the gate asks for the owner’s own device first, and says what is in the way', async () => {
  const page = await shop.open('turnpike/general');
  await button(page, 'turnpike itself').click();
  await page.locator('.modal').getByLabel('Free devices').fill('02:00:00:00:00:01');
  await page.locator('.modal').getByLabel('Interfaces').fill('br-guest');
  await page.locator('.modal').getByRole('button', { name: 'Details' }).click();
  await page.getByText(/uci cannot be started|turnpike.lan.interface/).waitFor();
  await close(page);
});

test.run();
