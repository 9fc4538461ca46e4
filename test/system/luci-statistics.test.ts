// The page of statistics and the box on the overview, in a browser.
import { readFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, textOf } from '../luci-app/browser.js';
import { button, shopFor, use } from '../luci-app/shop.js';
import { until } from '../rig/until.js';

const shop = shopFor(use);

/** Waits until the statistics have all the traffic: usage is written every two seconds. */
async function allWritten(): Promise<void> {
  await until('all bytes in the statistics', async () => {
    const { series } = (await shop.router.daemon.call('stats')) as { series: Table[] };
    const bytes = series.reduce((sum, row) => sum + Number(row.up_bytes) + Number(row.down_bytes), 0);
    assert.ok(bytes > 94_990_000, `${bytes} bytes`);
    return true;
  });
}

/** An hour at the beginning of whatever is asked for, so that no midnight comes between. */
const series = ({ from }: Table): Table => ({
  series: [
    {
      at: from as number,
      revenue: [
        { amount: '0.50', currency: 'USD' },
        { amount: '0.500000', currency: 'USDC' },
      ],
      up_bytes: 2_000_000,
      down_bytes: 93_000_000,
      sessions: 2,
    },
  ],
});

test('graphs of days, week and month in the colours of the theme, and as a file', async () => {
  shop.router.stubs.stats = series;
  const colours: string[] = [];
  for (const dark of [false, true]) {
    const page = await shop.open('turnpike/statistics', { dark });
    for (const tab of ['today', 'yesterday', 'week', 'month'] as const) {
      await page.locator(`[data-span=${tab}]`).click();
      await page.waitForSelector(`[data-drawn=${tab}]`);
      const heads = await page.locator('figcaption').allInnerTexts();
      const text = heads.join('\n').replace(/[⟦⟧]/g, '');
      assert.match(text, /Revenue: 0\.50 USD\b/);
      assert.match(text, /Revenue: 0\.50 USDC/);
      assert.match(text, /Data: 95 MB/);
      assert.match(text, /Sessions: 2/);
      assert.is(await page.locator('.hit').count(), 4, tab);
    }
    colours.push(String(await page.evaluate(`getComputedStyle(document.querySelector('.first')).fill`)));
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    assert.match(file.suggestedFilename(), /^turnpike-\d{4}-\d\d-01-\d{4}-\d\d-\d\d\.csv$/);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.is(lines[0], 'from,revenue_USD,revenue_USDC,up_bytes,down_bytes,sessions');
    assert.match(lines.at(-1)!, /,0\.50,0\.500000,2000000,93000000,2$/);
    await close(page);
  }
  assert.is.not(colours[0], colours[1]);
});

test('there is no file before there are figures', async () => {
  shop.router.stubs.stats = () => ({ error: { code: 'storage_failed', message: 'storage failed' } });
  const page = await shop.open('turnpike/statistics');
  assert.ok(await button(page, 'Download CSV').isDisabled());
  shop.router.stubs.stats = series;
  await page.locator('[data-span=week]').click();
  await page.waitForSelector('[data-drawn=week]');
  assert.not.ok(await button(page, 'Download CSV').isDisabled());
  await close(page);
});

test('the box on the overview', async () => {
  await allWritten();
  const page = await shop.open('status/include/35_turnpike');
  assert.match(await textOf(page, '#view'), /2 online, 0 away.*0\.50 USD, 0\.50 USDC.*95 MB.*all up/s);
  await close(page);
  shop.router.stubs.status = async () => ({
    ...(await shop.router.daemon.call('status')),
    sinks: [{ name: 'mqtt', state: 'down', backlog: 7, error: 'connection refused' }],
    payments: [{ name: 'escrow', state: 'up', backlog: 1, error: 'not confirmed yet' }],
    configuration: {
      faults: [
        {
          file: 'f',
          line: 3,
          section: "plan 'p'",
          option: 'step',
          code: 'missing',
          message: 'step is missing',
        },
      ],
      off: ["plan 'p'"],
      warnings: [],
    },
  });
  const troubled = await shop.open('status/include/35_turnpike');
  assert.match(await textOf(troubled, '#view'), /no connection: mqtt.*not in order: escrow/s);
  assert.match(
    await textOf(troubled, '#view'),
    /Off until this is mended: plan 'p'\s+f:3: plan 'p': step is missing/,
  );
  await close(troubled);
});

test.run();
