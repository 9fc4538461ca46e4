// Every page in a browser, for who may only read, and while the daemon is down.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, refresh, textOf } from '../luci-app/browser.js';
import { button, pages, sell, shopFor } from '../luci-app/shop.js';

const shop = shopFor(sell);

test('who may only read sees no button that would fail', async () => {
  const allowed =
    /^(Download CSV|Details|Dismiss|When|Paid in|Charged|Earned|Given back|Client|Plan|State|Data|Time left|Speed|Paid|Voucher|Made|Left|Valid until)$/;
  for (const view of pages) {
    const page = await shop.open(view, { write: false });
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
  assert.equal(shop.router.refused, [], 'and no page asks for what it may not have');
});

test('no way leads to a page that the login may not open', async () => {
  const good = shop.router.config;
  shop.router.config = good.replace("'0.05 USD'", "'0.055 USD'");
  assert.is((await shop.router.daemon.call('reload')).applied, false);
  const page = await shop.open('turnpike/deposits', { write: false });
  await page.locator('.turnpike-banner li').waitFor();
  await page.locator('.turnpike-trouble').waitFor();
  assert.is(await page.locator('.turnpike-banner a, .turnpike-trouble a').count(), 0);
  await close(page);
  shop.router.config = good;
  assert.is((await shop.router.daemon.call('reload')).applied, true);
});

test('a daemon that is down is said on every page, and started from there', async () => {
  await shop.router.daemon.end('SIGTERM');
  shop.router.running = false;
  // Pages of options alone, which are written without the daemon.
  const forms: Record<string, RegExp> = {
    'turnpike/pricing': /Pricing/,
    'turnpike/page': /Customers’ page/,
  };
  for (const view of pages) {
    for (const write of [true, false]) {
      const page = await shop.open(view, { write });
      assert.match(await textOf(page, '#view'), forms[view] ?? /turnpike is not running/);
      const start = await page.locator('button:has-text("Start turnpike")').count();
      const offers = write && !(view in forms) && !view.includes('include');
      assert.is(start, offers ? 1 : 0, view);
      await close(page);
    }
  }
  const page = await shop.open('turnpike/sessions');
  await button(page, 'Start turnpike').click();
  await page.waitForSelector('.turnpike-down', { state: 'hidden' });
  await page.waitForFunction(`document.querySelector('tbody').innerText.includes('ada')`);
  await close(page);
});

test.run();
