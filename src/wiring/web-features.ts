import type { WebSite } from '../ports/web.js';
import { whereToBuySite } from '../web/page.js';
import type { Config } from './schema.js';
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

/** All features, a line each. The page answers what no other feature does. */
export const webFeatures: readonly WebFeature[] = [({ main }) => whereToBuySite(main.whereToBuy)];
