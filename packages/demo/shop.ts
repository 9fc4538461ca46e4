import { join } from 'node:path';

const plans = `
config plan 'small'
	option metric 'bytes'
	option step '2 MB'
	list price '0.05 USD'
config plan 'large'
	option metric 'bytes'
	option step '20 MB'
	list price '0.40 USD'
config plan 'minute'
	option metric 'time'
	option step '6s'
	list price '0.02 USD'
config plan 'mixed'
	option metric 'bytes'
	option step '10 MB'
	option seconds '8s'
	list price '0.20 USD'
`;

/** For whoever looks at the page: those who are simulated pay. */
const taste = `
config plan 'taste'
	option title 'A taste, free of charge'
	option metric 'bytes'
	option step '1 MB'
	list price '0 USD'
	option free_per_day '1'
`;

/** What the customers choose among. */
export const planIds: readonly string[] = [...plans.matchAll(/^config plan '(\w+)'/gm)].map(([, id]) => id!);

/**
 * The daemon's configuration: plans that are used up within seconds. The kernel is simulated, for a real one would need root.
 * @param folder of the journal, and of the portal's `ndsctl.sock`
 * @param socket where the broker listens
 * @param type of the portal
 * @param port of the page, on the loopback; there is no page without it
 */
export function shopConfig(folder: string, socket: string, type: string, port: number | undefined): string {
  const listen = port === undefined ? "option enabled '0'" : `list listen '127.0.0.1:${port}'`;
  return `
config turnpike 'main'
	option directory '${join(folder, 'state')}'
	option socket '${socket}'
	option flush_interval '10s'
	option nft '/dev/null'
config gateway 'lan'
	option type '${type}'
	option socket '${join(folder, 'ndsctl.sock')}'
	option portal_config '${join(folder, 'portal')}'
${plans}${taste}
config web 'web'
	option name 'Turnpike demo'
	${listen}
config method 'cash'
	list currency 'USD 2'
`;
}
