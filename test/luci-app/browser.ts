// Chromium without a screen, and what a test asks of a page.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A phone of the smaller kind. */
export const phone: BrowserContextOptions = {
  viewport: { width: 375, height: 700 },
  screen: { width: 375, height: 700 },
  isMobile: true,
  hasTouch: true,
};

export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: flags });
}

/** A page that collects what goes wrong in it. */
export interface Watched extends Page {
  readonly faults: string[];
}

/** How long a page may take to do what it is waited for, in ms: much longer than anything takes. */
const patienceMs = 60_000;

/** Opens a page and waits until it is drawn. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const page = Object.assign(await context.newPage(), { faults: [] as string[] });
  page.setDefaultTimeout(patienceMs);
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('dialog', (dialog) => {
    page.faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  await page.waitForFunction('window.drawn === true').catch(() => {
    throw new Error(`${url} is not drawn: ${page.faults.join('; ')}`);
  });
  return page;
}

/** Leaves a page in which nothing went wrong. */
export async function close(page: Watched): Promise<void> {
  assert.equal(page.faults, []);
  await page.context().close();
}

/** One round of what the page refreshes by itself. */
export async function refresh(page: Page): Promise<void> {
  await page.evaluate('standIn.poll.run()');
}

/** One more round: how many rows of the table it touched, and how long it took, in ms. */
export async function refreshRows(page: Page): Promise<{ touched: number; took: number }> {
  return (await page.evaluate(`(async () => {
    const touched = new Set();
    const rowOf = ({ target }) => (target.nodeType === 1 ? target : target.parentElement).closest('.tr');
    const observer = new MutationObserver((list) => list.forEach((one) => touched.add(rowOf(one))));
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    observer.observe(document.querySelector('tbody'), what);
    const began = performance.now();
    await standIn.poll.run();
    const took = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve));
    return { touched: touched.size, took };
  })()`)) as { touched: number; took: number };
}

/** The words of dates, which the browser translates and the catalogue does not. */
const dateWords =
  /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}, \d{4}\b|(?<=:\d\d)\s[AP]M\b/g;

/** Text on the page, and in titles and hints of fields, that did not pass through `_()`. */
export async function untranslated(page: Page, known: RegExp): Promise<string[]> {
  const texts = (await page.evaluate(`(() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      if (!walk.currentNode.parentElement.closest('script, style')) found.push(walk.currentNode.data);
    }
    for (const node of document.querySelectorAll('[title], [aria-label]')) {
      found.push(node.getAttribute('title') ?? '', node.getAttribute('aria-label') ?? '');
    }
    return found;
  })()`)) as string[];
  // Translated sentences are in brackets, also inside of each other: the innermost are taken out first.
  const strip = (text: string): string => {
    const less = text.replace(/⟦[^⟦⟧]*⟧/g, '');
    return less === text ? text : strip(less);
  };
  const left = texts.map((text) => strip(text).replace(dateWords, '').replace(known, '').trim());
  return [...new Set(left.filter((text) => /\p{L}{2}/u.test(text)))];
}

/** The text of a page without the brackets of translated sentences. */
export async function textOf(page: Page, selector: string): Promise<string> {
  const text = await page.locator(selector).first().innerText();
  return text.replace(/[⟦⟧]/g, '');
}

/** The texts of a column of the table, without these brackets. */
export async function cellsOf(page: Page, column: string): Promise<string[]> {
  const texts = await page.locator(`tbody .turnpike-${column}`).allInnerTexts();
  return texts.map((text) => text.replace(/[⟦⟧]/g, ''));
}

/** How far the page is wider than the screen. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )) as number;
}
