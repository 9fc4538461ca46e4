import { dirname, join } from 'node:path';
import type { OwnSection, ReadUci } from '../../ports/portal.js';
import type { OpenTo, OwnPremises } from '../../ports/premises.js';
import { deviceIn } from '../premises/destination.js';
import { entriesOf, rulesOf, shown, trustedOf } from '../premises/own.js';
import { ruleIn } from './rules.js';
import type { NodogsplashConfig } from './section.js';

/** What is taken for its interface when its configuration does not say. */
const usualDevice = 'br-lan';

/** What nodogsplash lets pass for everybody by its own configuration. */
export function nodogsplashPremises({ portalConfig, socket }: NodogsplashConfig, read: ReadUci): OwnPremises {
  const faults: string[] = [];
  const section = instanceOf(read(portalConfig) ?? [], socket);
  const rules = rulesOf(section, ruleIn, faults);
  return {
    interfaces: [deviceOf(section, join(dirname(portalConfig), 'network'), read, faults)],
    trusted: trustedOf(section, faults),
    open: entriesOf(section, 'preauthenticated_users').length === 0 ? whenEmpty(section, faults) : rules,
    faults,
  };
}

/** The instance behind this socket; the first one, where none says so. */
function instanceOf(sections: readonly OwnSection[], socket: string): OwnSection | undefined {
  const instances = sections.filter(({ type }) => type === 'nodogsplash');
  return instances.find(({ options }) => options.get('ndsctlsocket')?.value === socket) ?? instances[0];
}

/** A device, or a network of /etc/config/network by its name, which goes first. */
function deviceOf(section: OwnSection | undefined, file: string, read: ReadUci, faults: string[]): string {
  const text = section?.options.get('gatewayinterface')?.value ?? usualDevice;
  const isDevice = text.includes('-') || text === usualDevice;
  const network = isDevice
    ? undefined
    : read(file)?.find((one) => one.type === 'interface' && one.name === text);
  const device = deviceIn(network?.options.get('device')?.value ?? text);
  if (device === undefined)
    faults.push(`gatewayinterface ${shown(text)} is no network interface: ${usualDevice} it is`);
  return device ?? usualDevice;
}

/** What passes where there are no rules at all: nothing, unless a policy says otherwise. */
function whenEmpty(section: OwnSection | undefined, faults: string[]): OpenTo[] {
  const policy = section?.options.get('policy_preauthenticated_users')?.value;
  if (policy !== 'allow' && policy !== 'passthrough') return [];
  faults.push(`policy_preauthenticated_users '${policy}' lets everybody through, unpaid`);
  return [{}];
}
