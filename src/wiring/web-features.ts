import { viewPlan, viewSession } from '../api/view.js';
import { main as mainSection } from '../config/main.js';
import { present } from '../domain/present.js';
import type { CashuConfig } from '../payments/cashu/section.js';
import type { WebSite } from '../ports/web.js';
import { openSecret } from '../store/secret.js';
import { languageNames } from '../web/locales.js';
import type { PageConfig } from '../web/shop.js';
import { pagesSite } from '../web/site.js';
import { tollgatePort } from './page-port.js';
import type { Config } from './schema.js';
import { allHooksOf, hooksOf, paymentSections } from './settings.js';
import type { WebParts } from './web.js';

/**
 * A feature of the customers' server: its routes, as they are configured now, or nothing where it is not. One that is
 * seldom wanted loads its own files here, with `import()`. Called at the start and with each reload; the routes of
 * before are dropped.
 * @param names of the certificate in use, to be asked for when a request comes
 */
export type WebFeature = (
  config: Config,
  parts: WebParts,
  names: () => readonly string[],
) => Promise<WebSite | undefined> | WebSite | undefined;

/** Payment providers that say what is paid, and PCs that say who has gone. */
async function hooks(config: Config, { clock, log, service }: WebParts): Promise<WebSite | undefined> {
  if (config.hooks.length === 0) return undefined;
  const { hookSite } = await import('../payments/webhook/site.js');
  const acts: Parameters<typeof hookSite>[1] = {
    confirm: (hook, paid) => service().orders.confirm(hook, paid),
    logOut: (user, key) => service().logout(user, key, 'pc-logout'),
  };
  return hookSite(allHooksOf(config), acts, { clock, log });
}

/** Sales to wallets, without a page. */
async function x402(config: Config, { service }: WebParts): Promise<WebSite | undefined> {
  if (paymentSections(config).escrow === undefined) return undefined;
  const { x402Site } = await import('../web/x402/site.js');
  return x402Site(service(), { plan: viewPlan, session: viewSession });
}

/** The protocol of TollGates. Its events are signed by a key of this router, which is made once. */
async function tollgate(config: Config, { service, log }: WebParts): Promise<WebSite | undefined> {
  const { mints = [], tollgate: plan } = (config.upstreams.cashu ?? {}) as Partial<CashuConfig>;
  if (plan === undefined) return undefined;
  const sold = config.plans.find(({ id }) => id === plan);
  if (!sold?.prices.some(({ currency }) => mints.some((mint) => mint.currency === currency))) {
    log('error', `tollgate: there is no plan '${plan}' with a price in the unit of a mint`);
  }
  const { tollgateSite } = await import('../web/tollgate/site.js');
  const { Identity } = await import('../web/tollgate/event.js');
  const { secret } = await openSecret(config.main.directory, 'tollgate.key');
  const identity = new Identity(secret);
  return tollgateSite({ plan, mints, identity, port: tollgatePort }, service());
}

/** What is said where the owner has written nothing: the pages say that in the customer's language. */
const usualWhereToBuy = mainSection.options.where_to_buy?.defaults[0];

/** All features, a line each. The pages answer what no other feature does. */
export const webFeatures: readonly WebFeature[] = [hooks, x402, tollgate, pages];

function pages(config: Config, { service, members, logins }: WebParts): WebSite {
  const { main, web, upstreams } = config;
  const { lightning } = (upstreams.cashu ?? {}) as Partial<CashuConfig>;
  const forms = Object.entries(members.payments).flatMap(([name, { form }]) => (form ? [[name, form]] : []));
  const { name, logo, terms, contact, home } = web ?? {};
  const page: PageConfig = {
    ...present({ name, logo, terms, contact, home }),
    accent: web?.accent ?? '#0b5fc0',
    languages: web && web.language.length > 0 ? web.language : Object.keys(languageNames),
    ...(main.whereToBuy !== usualWhereToBuy && { whereToBuy: main.whereToBuy }),
    ...{
      logins,
      forms: Object.fromEntries(forms),
      hooks: [...hooksOf(config).map((hook) => hook.name), ...(lightning ? ['lightning'] : [])],
    },
  };
  return pagesSite(page, service());
}
