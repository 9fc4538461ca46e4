// Every page in a browser: in light and dark, and on a phone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, overflow, phone, untranslated } from '../luci-app/browser.js';
import { button, pages, sell, shopFor } from '../luci-app/shop.js';

const shop = shopFor(sell);

test('every page in light and dark, and on a phone: all of it fits and all of it is translated', async () => {
  const known = new RegExp(
    [
      'ada|annas-phone|Data|data|evil|lan|night|cash|till \\d|till|USDC?|openNDS|nodogsplash|MessagePack|JSON|Base( Sepolia)?',
      'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec',
      '0\\.1\\.0|[a-z0-9]{8}-\\d|AM|PM|Mon|Tue|Wed|Thu|Fri|Sat|Sun|x onerror|<img src=x onerror=alert\\(1\\)>',
    ].join('|'),
    'g',
  );
  for (const view of pages) {
    for (const options of [{}, phone]) {
      const page = await shop.open(view, {}, options);
      for (const dark of [false, true]) {
        await page.evaluate(`document.documentElement.dataset.darkmode = ${dark}`);
        assert.equal(await untranslated(page, known), [], view);
        assert.is(await overflow(page), 0, `${view} is too wide`);
      }
      await close(page);
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
    const page = await shop.open(view, {}, phone);
    await button(page, words).click();
    // A choice that is still empty waits for an answer of the daemon.
    await page.waitForFunction(`document.querySelector('.modal:not(:has(select:empty))')`);
    const wide = await page.evaluate(`(() => { const m = document.querySelector('.modal');
      return m.scrollWidth - m.clientWidth; })()`);
    assert.is(wide, 0, `${view}: ${words}`);
    await close(page);
  }
});

test('fields and dialogs that LuCI leaves without a name have the one that people see', async () => {
  const page = await shop.open('turnpike/statistics');
  // As form.js and ui.js of LuCI 25.12 draw them.
  await page.evaluate(`document.querySelector('#view').insertAdjacentHTML('beforeend', \`
    <div class="cbi-value"><label class="cbi-value-title" for="widget.cbid.a">Take orders</label>
      <div class="cbi-value-field"><div class="cbi-checkbox"><input type="checkbox" id="cb1"><label for="cb1"></label></div>
      </div></div>
    <table><tr><td data-title="For sale"><div class="cbi-checkbox"><input type="checkbox" id="cb2"></div></td></tr></table>
    <div class="cbi-section-create"><div><input type="text" class="cbi-section-create-name"></div>
      <button>Add plan</button></div>
    <div class="modal cbi-modal" role="dialog" aria-modal="true"><h4>Plan data</h4></div>\`)`);
  for (const name of ['Take orders', 'For sale']) await page.getByRole('checkbox', { name }).waitFor();
  await page.getByRole('textbox', { name: 'Add plan' }).waitFor();
  await page.getByRole('dialog', { name: 'Plan data' }).waitFor({ state: 'attached' });
  await close(page);
});

test.run();
