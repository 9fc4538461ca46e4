import type { OwnSection, ReadUci } from '../../ports/portal.js';
import type { GardenPlace, OwnPremises } from '../../ports/premises.js';
import { deviceIn, portsIn } from '../premises/destination.js';
import { rulesOf, shown, trustedOf, wordsOf } from '../premises/own.js';
import { ruleIn } from './rules.js';
import type { OpenndsConfig } from './section.js';

/** What openNDS serves when its configuration does not say. */
const usualDevice = 'br-lan';
/** The table of openNDS 11, and the one of versions before it. */
const tables = ['inet nds_filter', 'ip nds_filter'];

/** What openNDS lets pass for everybody by its own configuration. */
export function openndsPremises({ portalConfig }: OpenndsConfig, read: ReadUci): OwnPremises {
  const faults: string[] = [];
  const section = read(portalConfig)?.find(({ type }) => type === 'opennds');
  const garden = gardenOf(section, faults);
  return {
    interfaces: [deviceOf(section, faults)],
    trusted: trustedOf(section, faults),
    // The script inserts each rule in front of the one before it.
    open: rulesOf(section, ruleIn, faults).reverse(),
    ...(garden && { garden }),
    faults,
  };
}

function deviceOf(section: OwnSection | undefined, faults: string[]): string {
  const text = section?.options.get('gatewayinterface')?.value ?? usualDevice;
  const device = deviceIn(text);
  if (device === undefined)
    faults.push(`gatewayinterface ${shown(text)} is no network interface: ${usualDevice} it is`);
  return device ?? usualDevice;
}

/** dnsmasq puts the addresses of these names into openNDS' set as customers look them up. */
function gardenOf(section: OwnSection | undefined, faults: string[]): GardenPlace | undefined {
  if (wordsOf(section, 'walledgarden_fqdn_list').length === 0) return undefined;
  const ports = wordsOf(section, 'walledgarden_port_list').map((word) => portsIn(word, '-'));
  const single = ports.flatMap((one) => (one && one.lastPort === undefined ? one.port : []));
  if (single.length < ports.length) {
    faults.push(
      'walledgarden_port_list has an entry that is no port: the names of walledgarden_fqdn_list stay shut',
    );
    return undefined;
  }
  return { ports: [...new Set(single)], tables, set: 'walledgarden' };
}
