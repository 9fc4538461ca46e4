// Every page of the customers' in a browser: for everybody to read and use, on small screens, dark, from right to left.
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mac } from '../engine/world.js';
import { startBrowser } from '../luci-app/browser.js';
import { join, type Stage, stage } from '../web/stage.js';

const axe = createRequire(import.meta.url).resolve('axe-core');
const test = suite<{ s: Stage; browser: Browser }>('the look of the pages');
/** The browser asks from 127.0.0.1. */
const phone = 1;

test.before(async (c) => {
  c.browser = await startBrowser();
});
test.after(async (c) => {
  await c.browser?.close();
});
test.before.each(async (c) => {
  c.s = await stage({
    ...{ name: 'Harbour Café', contact: '+1 555 0100', whereToBuy: 'At the bar.', accent: '#ffcc00' },
    ...{ logins: () => ['radius'], terms: 'package.json' },
  });
  await join(c.s, phone);
});
test.after.each((c) => c.s.end());

/** What axe-core finds wrong in a page by WCAG 2.2 AA, and how much of the page is beyond the screen. */
async function wrongIn(page: Page): Promise<unknown[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { found, held } = (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(tags)} })
    .then(({ violations, passes }) => ({
      found: violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)]),
      held: passes.length,
    }))`)) as { found: unknown[]; held: number };
  assert.ok(held > 10, `only ${held} rules were looked at`);
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return [...found, ...(wide === 0 ? [] : [`${wide} px too wide`])];
}

const looks: readonly [string, string, BrowserContextOptions][] = [
  ['a small phone', 'en', { viewport: { width: 320, height: 600 } }],
  ['dark', 'de', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
  ['from right to left', 'ar', { viewport: { width: 320, height: 600 } }],
  ['a desktop', 'ru', { viewport: { width: 1280, height: 800 } }],
];
const before = ['/', '/plan/data?steps=3', '/plan/taste', '/voucher', '/carried', '/login', '/terms'];
const after = ['/', '/prices', '/leave', '/carry'];

for (const [name, language, options] of looks) {
  test(`no page has anything wrong for people who hear, zoom or type: ${name}`, async ({ s, browser }) => {
    const context = await browser.newContext({ ...options, bypassCSP: true });
    const page = await context.newPage();
    const look = async (path: string) => {
      await page.goto(`${s.origin}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
      await page.addScriptTag({ path: axe });
      assert.equal(await wrongIn(page), [], `${path} ${name}`);
    };
    // What is the same in every look is looked at once.
    const isFirst = language === 'en';
    for (const path of isFirst ? before : before.slice(0, 2)) await look(path);
    await page.goto(`${s.origin}/voucher?lang=${language}`);
    await page.fill('#code', 'WRNGC-WRNGC');
    await page.click('main form button');
    await page.addScriptTag({ path: axe });
    assert.equal(await wrongIn(page), [], `an error ${name}`);
    const made = await s.w.desk.create({ plan: 'day', count: 1, reuse: true, key: 'k' });
    assert.ok(made.ok);
    await s.post(phone, '/voucher', { code: made.value.codes[0]! });
    s.w.portal.carry(mac(phone), 900_000_000, 0);
    await s.w.clock.pass(2_002);
    for (const path of isFirst ? after : after.slice(0, 1)) await look(path);
    await context.close();
  });
}

test('text of twice the size is broken between words, not letters, on a small phone', async ({
  s,
  browser,
}) => {
  const made = await s.w.desk.create({ plan: 'day', count: 1, reuse: true, key: 'k' });
  assert.ok(made.ok);
  await s.post(phone, '/voucher', { code: made.value.codes[0]! });
  const page = await browser.newPage({ viewport: { width: 320, height: 600 }, bypassCSP: true });
  for (const path of ['/status', '/plan/data?steps=3']) {
    await page.goto(`${s.origin}${path}${path.includes('?') ? '&' : '?'}lang=de`);
    await page.addStyleTag({ content: 'html{font-size:200%}' });
    const widths = await page.evaluate("[...document.querySelectorAll('dd')].map((dd) => dd.clientWidth)");
    for (const width of widths as number[]) assert.ok(width >= 70, `${path}: ${width} px`);
  }
  await page.close();
});

test('a code behind # is filled in by the script, and leaves the address', async ({ s, browser }) => {
  const page = await browser.newPage();
  await page.goto(`${s.origin}/voucher#ABCDE-FGHJK`);
  await page.waitForFunction(`document.getElementById('code').value === 'ABCDE-FGHJK'`);
  assert.is(page.url(), `${s.origin}/voucher`);
  await page.close();
});

test('the first page with all it needs has less than 15 kB, before it is compressed', async ({ s }) => {
  const bodies = await Promise.all(['/', '/page.js'].map(async (path) => (await s.ask(phone, path)).body));
  const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  console.log(`  ${bytes} bytes`);
  assert.ok(bytes < 15_000, `${bytes} bytes`);
});

test.run();
