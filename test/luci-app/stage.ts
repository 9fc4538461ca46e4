// A router and a browser for the tests of one file: there before the first of them, gone after the last.
import type { Table } from 'openwrt-ubus';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { test } from 'uvu';
import { open, startBrowser, type Watched } from './browser.js';
import { Router } from './router.js';

/** Who looks at a page, and in which colours. */
interface Sight {
  readonly write?: boolean;
  readonly dark?: boolean;
  /** Behind the # of the address. */
  readonly hash?: string;
}

/** The router and the browser, from the first test on. */
export class Stage {
  #router: Router | undefined;
  #browser: Browser | undefined;
  #before: { readonly config: string; readonly hosts: Table } | undefined;

  get router(): Router {
    if (!this.#router) throw new Error('the router has not been started');
    return this.#router;
  }

  async start(sections: (portal: string) => string, clients: readonly string[]): Promise<void> {
    this.#browser = await startBrowser();
    this.#router = await Router.start(sections, clients);
    this.#before = { config: this.router.config, hosts: this.router.hosts };
  }

  /** Opens a page and waits until it is drawn. */
  open(view: string, { hash, ...sight }: Sight = {}, options: BrowserContextOptions = {}): Promise<Watched> {
    const address = this.router.page(view, sight);
    return open(this.#browser!, hash === undefined ? address : `${address}#${hash}`, options);
  }

  /** What one test changes, or leaves behind when it fails, is not there for the next one. */
  async reset(): Promise<void> {
    const { router } = this;
    for (const method of Object.keys(router.stubs)) delete router.stubs[method];
    for (const section of Object.keys(router.secrets)) delete router.secrets[section];
    Object.assign(router, this.#before);
    if (router.running) await router.daemon.call('reload');
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#router?.stop();
  }
}

/**
 * Sets the stage for the tests of the file that calls it.
 * @param prepare what is on it from the beginning
 */
export function stageFor(
  sections: (portal: string) => string,
  clients: readonly string[],
  prepare?: (stage: Stage) => Promise<void>,
): Stage {
  const stage = new Stage();
  test.before(async () => {
    await stage.start(sections, clients);
    await prepare?.(stage);
  });
  test.after.each(() => stage.reset());
  test.after(() => stage.stop());
  return stage;
}
