import { join } from 'node:path';
import { refuse } from '../domain/refuse.js';
import { pagePort, routerRules } from './page-rules.js';
import { optionOf } from './sections.js';
import type { Setting, Target, Value } from './target.js';

const section = '@nodogsplash[0]';
const pageName = 'turnpike.html';

/**
 * nodogsplash with its own click switched off: a page of it that leads to turnpike's, and has none of the token by
 * which a device opens its gate.
 */
export const nodogsplash: Target = {
  summary: "nodogsplash: its own click opens nothing, and its time-outs leave turnpike's customers alone",
  danger: 'a click on the page of nodogsplash may open gates, and it may end what was paid for',
  gateway: 'nodogsplash',
  files: ['nodogsplash'],
  service: '/etc/init.d/nodogsplash',
  plan({ own, port, also = [], address, read }) {
    const found = read('nodogsplash')?.find(({ type }) => type === 'nodogsplash');
    if (!found)
      return refuse(
        'setup_impossible',
        'there is no configuration of nodogsplash: install nodogsplash first',
      );
    if (port === Number(optionOf(found, 'gatewayport') ?? 2050)) {
      return refuse('setup_impossible', `port ${port} is that of nodogsplash: choose another`);
    }
    if (address === undefined) {
      return refuse(
        'setup_impossible',
        'the network of the customers has no IPv4 address yet: bring it up first',
      );
    }
    const root = optionOf(found, 'webroot') ?? '/etc/nodogsplash/htdocs';
    if (typeof root !== 'string' || !/^\/[^\0\n]*$/.test(root)) {
      return refuse('setup_impossible', 'webroot of nodogsplash is no absolute path');
    }
    const page = pagePort({ own, port, read });
    if (!page.ok) return page;
    const options: Record<string, Value> = {
      splashpage: pageName,
      sessiontimeout: '0',
      authidletimeout: '0',
      users_to_router: routerRules(found, port, ...also),
    };
    const settings = Object.entries(options).map(
      ([option, value]): Setting => ({ file: 'nodogsplash', section, option, value }),
    );
    const pages = [{ path: join(root, pageName), text: splash(address, port) }];
    return { ok: true, value: { settings: [...settings, page.value], pages } };
  },
};

/**
 * The page that nodogsplash shows: it needs no script, and nodogsplash finds nothing to fill in, as it would write what a
 * link says into the page as it is. Its own address names where the customer wanted to go (`redir`): ours reads it from
 * `Referer`.
 */
function splash(address: string, port: number): string {
  const url = `http://${address}:${port}/`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="unsafe-url">
<meta http-equiv="refresh" content="0; url=${url}">
<title>Internet access</title>
</head>
<body>
<p><a href="${url}">Where to buy Internet access</a></p>
</body>
</html>
`;
}
