import { refuse } from '../domain/refuse.js';
import type { OwnSection } from '../ports/portal.js';
import { pagePort, routerRules } from './page-rules.js';
import { optionOf } from './sections.js';
import type { Setting, Target, Value } from './target.js';

const section = '@opennds[0]';
/**
 * In minutes: a year. openNDS 11 takes 0 for the end of the session now, and lets customers go at its next check
 * (auth.c, `auth_change_state`).
 */
const sessionLimit = '525600';

/**
 * openNDS with its own click switched off. Its page is a forwarding authentication service (FAS) at turnpike's page:
 * at level 1 nobody without the key can compute the answer that opens a gate. openNDS 11 ignores `fasport` where
 * `fasremoteip` is not set (main.c), so the router's address has to stand there.
 */
export const opennds: Target = {
  summary:
    "openNDS: its own click opens nothing, and its time-outs and quotas leave turnpike's customers alone",
  danger: 'a click on the page of openNDS may open gates, and it may end what was paid for',
  gateway: 'opennds',
  files: ['opennds'],
  service: '/etc/init.d/opennds',
  plan({ own, port, also = [], address, key, read }) {
    const found = read('opennds')?.find(({ type }) => type === 'opennds');
    if (!found)
      return refuse('setup_impossible', 'there is no configuration of openNDS: install openNDS first');
    if (port === portOf(found))
      return refuse('setup_impossible', `port ${port} is that of openNDS: choose another`);
    if (address === undefined) {
      return refuse(
        'setup_impossible',
        'the network of the customers has no IPv4 address yet: bring it up first',
      );
    }
    const page = pagePort({ own, port, read });
    if (!page.ok) return page;
    const now = optionOf(found, 'faskey');
    const options: Record<string, Value> = {
      login_option_enabled: '0',
      fasport: String(port),
      faspath: '/',
      fasremoteip: address,
      fasremotefqdn: undefined,
      fas_secure_enabled: '1',
      faskey: key(typeof now === 'string' ? now : undefined),
      sessiontimeout: sessionLimit,
      authidletimeout: '0',
      uploadquota: '0',
      downloadquota: '0',
      uploadrate: '0',
      downloadrate: '0',
      users_to_router: routerRules(found, port, ...also),
      // Option 114 would announce a page of openNDS that knows nothing of plans.
      dhcp_default_url_enable: '0',
    };
    const settings = Object.entries(options).map(([option, value]): Setting => {
      const setting = { file: 'opennds', section, option, value };
      return option === 'faskey' ? { ...setting, isSecret: true } : setting;
    });
    return { ok: true, value: { settings: [...settings, page.value], pages: [] } };
  },
};

function portOf(found: OwnSection): number {
  return Number(optionOf(found, 'gatewayport') ?? 2050);
}
