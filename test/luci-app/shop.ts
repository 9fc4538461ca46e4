// A router that sells: two plans, two ways to pay cash, and what customers do there.
import type { Table } from 'openwrt-ubus';
import type { Locator } from 'playwright-core';
import * as assert from 'uvu/assert';

import { until } from '../rig/until.js';
import type { Watched } from './browser.js';
import { type Stage, stageFor } from './stage.js';

export const mac = (i: number) => `02:00:00:00:00:0${i}`;

/** A title that would be a picture, and run a script, if a page took it for HTML. */
export const evil = '<img src=x onerror=alert(1)>';

const sections = (portal: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${portal}'
config plan 'data'
	option title 'Data'
	option metric 'bytes'
	option step '10 MB'
	list price '0.05 USD'
config plan 'evil'
	option title '${evil}'
	option metric 'time'
	option step '1h'
	list price '0.50 USDC'
	option max_steps '1'
	option bytes '1 GB'
	option down_rate '20 Mbit'
config method 'cash'
	list currency 'USD 2'
	list currency 'USDC 6'
`;

/** Every page, and the box on the overview. */
export const pages = [
  'turnpike/sessions',
  'turnpike/deposits',
  'turnpike/pricing',
  'turnpike/vouchers',
  'turnpike/page',
  'turnpike/statistics',
  'turnpike/upstream',
  'turnpike/general',
  'status/include/35_turnpike',
];

/** Sets the stage for a file of tests with five devices in the shop. */
export function shopFor(prepare?: (shop: Stage) => Promise<void>): Stage {
  return stageFor(sections, [1, 2, 3, 4, 5].map(mac), prepare);
}

async function buy({ router }: Stage, client: number, plan: string, steps: number, more: Table = {}) {
  const currency = plan === 'data' ? 'USD' : 'USDC';
  const payment = { method: 'cash', currency, reference: `till ${client}` };
  const order = { mac: mac(client), plan, steps, payment, idempotency_key: `k${client}`, ...more };
  const session = await router.daemon.call('purchase', order);
  assert.is(session.error, undefined, JSON.stringify(session));
}

/** The first customer buys 100 MB, and the second one, Ada, an hour with 1 GB; two vouchers wait for others. */
export async function sell(shop: Stage): Promise<void> {
  await buy(shop, 1, 'data', 10);
  await buy(shop, 2, 'evil', 1, { user: 'ada' });
  await shop.router.daemon.call('voucher_create', { plan: 'data', count: 2, idempotency_key: 'v1' });
}

/** They use 85 MB and 10 MB of it. */
export async function use(shop: Stage): Promise<void> {
  await sell(shop);
  await Promise.all([move(shop, 1, 1_000_000, 84_000_000), move(shop, 2, 1_000_000, 9_000_000)]);
}

/** Lets a client move bytes and waits until they are counted. */
export async function move({ router }: Stage, client: number, up: number, down: number): Promise<void> {
  const count = async () => {
    const session = await router.daemon.call('session', { mac: mac(client) });
    return Number(session.up_bytes) + Number(session.down_bytes);
  };
  // The portal counts in kB: what is less than one is told later.
  const wanted = (await count()) + up + down - 2048;
  await until('an open gate', () => router.portal.carry(mac(client) as never, up, down));
  await until(`${wanted} bytes`, async () => (await count()) >= wanted, count);
}

/** The first button with these words. */
export const button = (page: Watched, words: string): Locator =>
  page.locator(`button:has-text("${words}")`).first();

export const modal = (page: Watched): Locator => page.locator('.modal');

/** The button of a dialog that does what it is for. */
export const act = (page: Watched): Promise<void> => modal(page).locator('button').last().click();

/** Waits until the dialog has shut. */
export async function shut(page: Watched): Promise<void> {
  await page.waitForSelector('.modal', { state: 'detached' });
}

/** Presses a button below a form, and waits until that has saved what it takes, or refused to. */
export async function save(page: Watched, name = 'handleSave'): Promise<void> {
  const count = () => page.evaluate('window.saves ?? 0');
  const before = await count();
  await page.locator(`.${name}`).click();
  await page.waitForFunction(`(window.saves ?? 0) > ${before}`);
}
