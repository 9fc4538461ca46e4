import type { Config } from './schema.js';
import { hooksOf } from './settings.js';

/** Hooks whose payments nobody can say: they wait for a hub, and the broker's orders are not taken. */
export function hookHints(config: Pick<Config, 'hooks' | 'upstreams'>): string[] {
  const { orders = [] } = (config.upstreams.mqtt ?? {}) as { readonly orders?: readonly string[] };
  if (orders.includes('payment_confirm')) return [];
  return hooksOf(config)
    .filter(({ signature }) => signature === 'hub')
    .map(
      ({ name }) =>
        `hook '${name}': no hub can say what is paid: the section mqtt needs commands '1' and list allow 'payment_confirm'`,
    );
}
