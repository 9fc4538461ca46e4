// A customer with nothing but a browser, at whatever holds the gate: sent to the page, a voucher, the Internet, the cap,
// the page of the end, and once more.
import type { Page } from 'playwright-core';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DaemonProcess } from '../../rig/daemon.js';
import { until } from '../../rig/until.js';
import type { Client } from '../rig/client.js';
import { type Phone, phoneIn } from '../rig/phone.js';
import type { Room } from '../rig/room.js';

/** How long a page may take, in ms: much longer than any does. */
const pageMs = 240_000;

/** A shop with two customers, whatever holds its gate. */
export interface PageShop {
  /** What holds the gate lets no IPv6 through, paid or not; else both families cross it. */
  readonly rejectsIpv6: boolean;
  readonly daemon: DaemonProcess;
  readonly clients: readonly Client[];
  /** Every machine: the gateway, the web server, then the clients. */
  readonly rooms: readonly Room[];
  /** Where the page is, for each customer. */
  readonly pages: readonly string[];
  /** An address of the web server, for each customer. */
  readonly webs: readonly string[];
  close(): Promise<void>;
}

/** The whole way of a customer, with scripts and without. */
export function customers(test: ReturnType<typeof suite>, open: () => Promise<PageShop>): void {
  let shop: PageShop;
  let codes: string[];
  const phones: Phone[] = [];

  test.before(async () => {
    shop = await open();
    const order = { plan: 'data', steps: 3, count: 4, idempotency_key: 'vouchers' };
    codes = (await shop.daemon.call('voucher_create', order)).codes as string[];
  });
  test.after(async () => {
    for (const phone of phones) await phone.close();
    await shop?.close();
  });

  for (const [at, javaScriptEnabled] of [true, false].entries()) {
    test(`a customer buys, surfs, is cut at the cap and buys again, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const phone = await phoneIn(shop.rooms[2 + at]!);
      phones.push(phone);
      const viewport = { width: 360, height: 740 };
      const context = await phone.browser.newContext({ javaScriptEnabled, locale: 'en-US', viewport });
      const page = await context.newPage();
      page.setDefaultTimeout(pageMs);
      await goThrough(page, shop, at, [codes[2 * at]!.toLowerCase(), codes[2 * at + 1]!]);
      await context.close();
    });
  }
}

async function goThrough(page: Page, shop: PageShop, at: number, codes: readonly string[]): Promise<void> {
  const [client, ours, web] = [shop.clients[at]!, shop.pages[at]!, shop.webs[at]!];
  await visit(page, web, ours);
  assert.match((await page.textContent('main'))!, '1 MB for $0.05');
  await page.click('text=I have a voucher');
  await redeem(page, ours, codes[0]!, shop.daemon);
  assert.is(await page.getAttribute('text=Go on to the Internet', 'href'), `${web}?bytes=5`);
  const before = await left(page);
  assert.ok((await client.download(500_000)).ok);
  const other = await client.download(500_000, { ipv6: true });
  assert.is(other.ok, !shop.rejectsIpv6, 'the other family is let through, too');
  if (shop.rejectsIpv6) assert.ok((await client.download(500_000)).ok);
  await until('the page says that less is left', async () => {
    // Without a script it asks again by itself, but seldom.
    if (at === 1) await page.reload();
    return (await left(page)) <= before - 1_000_000;
  });
  assert.not((await client.download(4_000_000)).ok, 'cut at the cap');
  await until(
    'the page of the end',
    async () => {
      await visit(page, web, ours);
      return ((await page.textContent('main')) ?? '').includes('Your data is used up.');
    },
    () => shop.daemon.log(),
  );
  await page.click('text=I have a voucher');
  await redeem(page, ours, codes[1]!, shop.daemon);
  assert.ok((await client.download(1_000_000)).ok);
  await page.click('text=Go on to the Internet');
  assert.is(page.url(), `${web}?bytes=5`);
}

/** Opens a page of the web; what holds the gate leads to ours. */
async function visit(page: Page, web: string, ours: string): Promise<void> {
  await until(
    'our page',
    async () => {
      // openNDS can answer 403 once while its scripts run.
      const response = await page.goto(`${web}?bytes=5`).catch(() => null);
      // A splash page that leads on by itself has the status 200, too.
      if (response?.status() === 200) await page.waitForSelector('header a[href^="/"]').catch(() => null);
      return page.url().startsWith(`${ours}/`);
    },
    () => page.url(),
  );
}

async function redeem(page: Page, ours: string, code: string, daemon: DaemonProcess): Promise<void> {
  await page.fill('#code', code);
  await page.click('main form button');
  await page.waitForURL(`${ours}/status*`);
  // The gate may still be on its way.
  const isOnline = async () => {
    const text = await page.textContent('main');
    if (!text?.includes('You are online.')) await page.reload();
    return text?.includes('You are online.') ?? false;
  };
  await until('the gate is open', isOnline, () => daemon.log());
}

/** Bytes that the page says are left, of 3 MB. */
async function left(page: Page): Promise<number> {
  const text = (await page.textContent('#left_bytes')) ?? '';
  const [, amount, unit] = /^([\d.]+) (\w+)/.exec(text) ?? [];
  return Number(amount) * ({ byte: 1, kB: 1e3, MB: 1e6 }[unit!] ?? Number.NaN);
}
