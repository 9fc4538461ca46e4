import type { OpenTo } from '../../ports/premises.js';
import { isEverywhere, networkIn, portsIn } from '../premises/destination.js';
import type { Rule } from '../premises/own.js';

const shutting = ['block', 'drop'];
const silent = ['log', 'ulog'];

/**
 * Reads a rule of nodogsplash, `allow|block|drop [all|tcp|udp|icmp] [port N[:N]] [to ADDRESS[/MASK]]` (conf.c,
 * `_parse_firewall_rule`). Undefined for one that decides nothing.
 */
export function ruleIn(text: string): Rule | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .split(/[ \t]+/);
  const verdict = words.shift() ?? '';
  if (silent.includes(verdict)) return undefined;
  if (verdict !== 'allow' && !shutting.includes(verdict))
    return no('it begins with none of allow, block and drop');
  const protocol = ['all', 'tcp', 'udp', 'icmp'].includes(words[0] ?? '') ? words.shift() : undefined;
  const port = words[0] === 'port' ? words.splice(0, 2)[1] : undefined;
  if (words[0] === 'ipset') return no('sets of ipset are not known to nftables');
  const to = words[0] === 'to' ? words.splice(0, 2)[1] : undefined;
  if (words.length > 0) return no(`'${words[0]!.slice(0, 20)}' is not understood there`);
  const ports = port === undefined ? {} : portsIn(port, ':');
  const isTransport = protocol === 'tcp' || protocol === 'udp';
  if (!ports || (port !== undefined && !isTransport)) return no('a port needs tcp or udp, and a number');
  const network = to === undefined ? '' : networkIn(to);
  if (network === undefined) return no(`'to' needs an address`);
  const where = network === '' || isEverywhere(network) ? {} : { to: network };
  const shut = verdict !== 'allow' && ({ shut: true } as const);
  return { ok: true, to: { ...kindOf(protocol), ...ports, ...where, ...shut } };
}

function kindOf(protocol: string | undefined): Pick<OpenTo, 'protocol'> {
  return protocol === 'tcp' || protocol === 'udp' || protocol === 'icmp' ? { protocol } : {};
}

function no(why: string): Rule {
  return { ok: false, why };
}
