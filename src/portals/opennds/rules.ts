import { isEverywhere, networkIn, portsIn } from '../premises/destination.js';
import type { Rule } from '../premises/own.js';

const verdicts = ['allow', 'passthrough', 'block'];

/**
 * Reads a rule of openNDS, `allow [all|tcp|udp] [port N] [to ADDRESS]` (libopennds.sh, `create_client_ruleset`), as its
 * documents mean it. The script itself ignores a protocol without a port, and opens more than is written.
 */
export function ruleIn(text: string): Rule {
  const words = text.trim().split(/\s+/);
  const verdict = words.shift() ?? '';
  if (!verdicts.includes(verdict)) return no('it begins with none of allow, passthrough and block');
  const protocol = ['all', 'tcp', 'udp'].includes(words[0] ?? '') ? words.shift() : undefined;
  const port = words[0] === 'port' ? words.splice(0, 2)[1] : undefined;
  const to = words[0] === 'to' ? words.splice(0, 2)[1] : undefined;
  if (words.length > 0) return no(`'${words[0]!.slice(0, 20)}' is not understood there`);
  const isTransport = protocol === 'tcp' || protocol === 'udp';
  const ports = port === undefined ? {} : portsIn(port, '-');
  if (!ports || (port !== undefined && !isTransport)) return no('a port needs tcp or udp, and a number');
  const network = to === undefined ? '' : networkIn(to);
  if (network === undefined) return no(`'to' needs an address; names go into walledgarden_fqdn_list`);
  const where = network === '' || isEverywhere(network) ? {} : { to: network };
  const shut = verdict === 'block' && ({ shut: true } as const);
  return { ok: true, to: { ...(isTransport && { protocol }), ...ports, ...where, ...shut } };
}

function no(why: string): Rule {
  return { ok: false, why };
}
