// Takes the pictures of the README, on the stage of the LuCI tests: `npm run pictures`, with Chromium installed.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from 'openwrt-ubus';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { startBrowser } from '../luci-app/browser.js';
import { Router } from '../luci-app/router.js';
import { until } from '../rig/until.js';

const folder = join('docs', 'pictures');
const theme = readFileSync(join(folder, 'theme.css'), 'utf8');
const mac = (i: number) => `02:00:00:00:00:0${i}`;

const sections = (portal: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${portal}'
config plan 'data'
	option title 'Data'
	option metric 'bytes'
	option step '10 MB'
	list price '0.05 USD'
config plan 'hour'
	option title 'One hour'
	option metric 'time'
	option step '1h'
	list price '0.50 USD'
config plan 'day'
	option title 'Day pass'
	option metric 'time'
	option step '1d'
	option max_steps '1'
	list price '2.00 USD'
	option bytes '1 GB'
	option up_rate '5 Mbit'
	option down_rate '20 Mbit'
config method 'cash'
	list currency 'USD 2'
`;

const customers = [
  { name: 'annas-phone', plan: 'data', steps: 10, till: 'till 7', up: 3_000_000, down: 82_000_000 },
  { name: 'room-12', plan: 'day', steps: 1, till: 'till 7', up: 41_000_000, down: 288_000_000 },
  { name: 'tablet', plan: 'hour', steps: 2, till: 'till 3', up: 6_000_000, down: 61_000_000 },
  { name: 'workshop', plan: 'data', steps: 50, till: 'till 3', up: 22_000_000, down: 120_000_000 },
] as const;

/** Bytes that each moves in one tick, while the pages look. */
const tick = [9_000, 110_000, 70_000, 31_000];
const tickMs = 50;

async function sell(router: Router): Promise<void> {
  for (const [i, { plan, steps, till }] of customers.entries()) {
    const payment = { method: 'cash', reference: till };
    const order = { mac: mac(i + 1), plan, steps, payment, idempotency_key: `k${i}` };
    const { error } = await router.daemon.call('purchase', order);
    if (error) throw new Error(JSON.stringify(error));
  }
  const named = customers.map(({ name }, i) => [mac(i + 1), { name, ipaddrs: [`10.0.0.${i + 2}`] }]);
  router.hosts = Object.fromEntries(named) as Table;
}

/** They have used a part of what they bought, which is counted, and go on. @returns ends it */
async function use({ portal, daemon }: Router): Promise<() => void> {
  for (const [i, { up, down }] of customers.entries()) {
    portal.carry(mac(i + 1) as never, up, down);
    // The portal counts in kB: what is less than one is told later.
    const isCounted = async () => {
      const { up_bytes, down_bytes } = await daemon.call('session', { mac: mac(i + 1) });
      return Number(up_bytes) + Number(down_bytes) > up + down - 2048;
    };
    await until('all bytes counted', isCounted);
  }
  const timer = setInterval(() => {
    for (const [i, bytes] of tick.entries()) portal.carry(mac(i + 1) as never, bytes / 10, bytes);
  }, tickMs);
  return () => clearInterval(timer);
}

const router = await Router.start(
  sections,
  customers.map((_, i) => mac(i + 1)),
);
const browser = await startBrowser();

/** Opens a page as an owner sees it: sentences without the brackets that the tests put around them. */
async function open(view: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addInitScript(
    "Object.defineProperty(window, '_', { value: (text) => text, writable: false });",
  );
  const page = await context.newPage();
  await page.goto(router.page(view));
  await page.waitForFunction('window.drawn === true');
  await page.addStyleTag({ content: theme });
  return page;
}

async function take(part: Locator, name: string): Promise<void> {
  await part.screenshot({ path: join(folder, `${name}.png`) });
  await part.page().context().close();
}

/** Looks some seconds apart, so that the page knows how fast everybody is. */
async function look(page: Page): Promise<void> {
  for (const _ of [1, 2, 3]) {
    await pause(2_000);
    await page.evaluate('standIn.poll.run()');
  }
}

/** The statistics of a day, by hours: made up, for the shop has been open for a minute. */
function day({ from, step }: Table): Table {
  const series = Array.from({ length: 24 }, (_, hour) => {
    const at = Number(from) + hour * Number(step);
    const busy = Math.max(0.05, Math.sin((hour / 24) * Math.PI) ** 2 + (hour % 5) / 12);
    const down = Math.round(busy * 9e9);
    return {
      at,
      revenue: [{ amount: (Math.round(busy * 90) / 10).toFixed(2), currency: 'USD' }],
      up_bytes: Math.round(down / 6),
      down_bytes: down,
      sessions: Math.round(busy * 19),
    };
  });
  return { from: from!, series };
}

mkdirSync(folder, { recursive: true });
await sell(router);
const end = await use(router);
try {
  const sessions = await open('turnpike/sessions', { viewport: { width: 960, height: 385 } });
  await look(sessions);
  await take(sessions.locator('body'), 'sessions');

  router.stubs.stats = async (args) => day(args);
  const statistics = await open('turnpike/statistics', { viewport: { width: 1080, height: 400 } });
  await take(statistics.locator('body'), 'statistics');

  const vouchers = await open('turnpike/vouchers', { viewport: { width: 760, height: 520 } });
  await vouchers.locator('button:has-text("New vouchers")').click();
  await vouchers.locator('.modal input[inputmode=numeric] >> nth=0').fill('10');
  await vouchers.locator('.modal input[inputmode=numeric] >> nth=1').fill('6');
  await vouchers.locator('.modal button').last().click();
  await vouchers.waitForSelector('.turnpike-card');
  await take(vouchers.locator('.modal'), 'vouchers');
} finally {
  end();
  await browser.close();
  await router.stop();
}
