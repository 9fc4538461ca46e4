// A customer's browser on real openNDS: sent to the page, a voucher, the Internet, the cap, the end, and once more.
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { KernelShop } from './rig/kernel-shop.js';
import { gatewayAddress, serverAddress } from './rig/network.js';
import { openNds } from './rig/opennds.js';
import { type Phone, phoneIn } from './rig/phone.js';

const port = 2080;
/** How long a page may take, in ms: much longer than any does. */
const pageMs = 240_000;
const origin = `http://${gatewayAddress}:${port}`;
const test = suite('the page on openNDS');
let shop: KernelShop;
let codes: string[];
const phones: Phone[] = [];

test.before(async () => {
  const portal = openNds(undefined, { address: gatewayAddress, port });
  const sections = `config web 'web'\n\tlist listen '${gatewayAddress}:${port}'\n`;
  shop = await KernelShop.open({ clients: 2, portal, sections });
  const order = { plan: 'data', steps: 3, count: 4, idempotency_key: 'vouchers' };
  codes = (await shop.daemon.call('voucher_create', order)).codes as string[];
});
test.after(async () => {
  for (const phone of phones) await phone.close();
  await shop?.close();
});

/** Opens a page of the web; the portal may redirect it. */
async function visit(page: Page): Promise<void> {
  // openNDS can answer 403 once while its scripts run.
  const isThere = async () => {
    const response = await page.goto(`http://${serverAddress}/?bytes=5`).catch(() => null);
    return response?.status() === 200;
  };
  await until('a page', isThere, () => page.url());
}

async function redeem(page: Page, code: string): Promise<void> {
  await page.fill('#code', code);
  await page.click('main form button');
  await page.waitForURL(`${origin}/status*`);
  // The gate may still be on its way.
  const isOnline = async () => {
    const text = await page.textContent('main');
    if (!text?.includes('You are online.')) await page.reload();
    return text?.includes('You are online.') ?? false;
  };
  await until('the gate is open', isOnline, () => shop.daemon.log());
}

/** Bytes that the page says are left, of 3 MB. */
async function left(page: Page): Promise<number> {
  const text = (await page.textContent('#left_bytes')) ?? '';
  const [, amount, unit] = /^([\d.]+) (\w+)/.exec(text) ?? [];
  return Number(amount) * ({ byte: 1, kB: 1e3, MB: 1e6 }[unit!] ?? Number.NaN);
}

for (const [at, javaScriptEnabled] of [true, false].entries()) {
  test(`a customer buys, surfs, is cut at the cap and buys again, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
    const client = shop.rig.clients[at]!;
    const phone = await phoneIn(shop.rig.rooms[2 + at]!);
    phones.push(phone);
    const context = await phone.browser.newContext({ javaScriptEnabled, locale: 'en-US' });
    const page = await context.newPage();
    page.setDefaultTimeout(pageMs);
    await visit(page);
    assert.ok(page.url().startsWith(`${origin}/`), page.url());
    assert.match((await page.textContent('main'))!, '1 MB for $0.05');
    await page.click('text=I have a voucher');
    await redeem(page, codes[2 * at]!.toLowerCase());
    assert.is(
      await page.getAttribute('text=Go on to the Internet', 'href'),
      `http://${serverAddress}/?bytes=5`,
    );
    const before = await left(page);
    assert.ok((await client.download(1_000_000)).ok);
    const isFalling = async () => {
      if (!javaScriptEnabled) await page.reload();
      return (await left(page)) <= before - 1_000_000;
    };
    await until('the page says that less is left', isFalling, () => page.textContent('main'));
    assert.not((await client.download(4_000_000)).ok, 'cut at the cap');
    const isOver = async () => {
      await visit(page);
      return ((await page.textContent('main')) ?? '').includes('Your data is used up.');
    };
    await until('the page of the end', isOver, () => page.url());
    assert.ok(page.url().startsWith(`${origin}/`), page.url());
    await page.click('text=I have a voucher');
    await redeem(page, codes[2 * at + 1]!);
    assert.ok((await client.download(1_000_000)).ok);
    await context.close();
  });
}

test.run();
