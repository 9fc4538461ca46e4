import { isIPv4 } from 'node:net';
import type { Mac } from '../domain/mac.js';
import type { Attribute } from './attributes.js';
import { isMacOf } from './mac-user.js';

/** How turnpike names itself to the servers. */
export interface Nas {
  readonly identifier: string;
  /** IPv4 or IPv6; absent when it is not known, for the identifier is enough (RFC 2865 §4.1). */
  readonly address?: string | undefined;
  /** What every device is said to have called; absent: this NAS and the device's portal. */
  readonly calledStation?: string | undefined;
  /** The realm of who runs this NAS (RFC 5580 §4.1); absent: nobody is told. */
  readonly operator?: string | undefined;
}

/** A customer's device, and where it is. */
export interface Station {
  readonly mac: Mac;
  readonly gateway: string;
  readonly address?: string;
}

/** Service-Type (RFC 2865 §5.6). */
export const serviceType = { login: 1, authenticateOnly: 8, callCheck: 10 } as const;
/** NAS-Port-Type: Wireless - IEEE 802.11 (RFC 2865 §5.41). */
const wireless = 19;

/** Before an Operator-Name that is a realm (RFC 5580 §4.1). */
const realmNamespace = '1';

/** The attributes by which a server knows this NAS. */
export function nasAttributes({ identifier, address }: Nas): Attribute[] {
  const list: Attribute[] = [['NAS-Identifier', identifier]];
  if (address !== undefined) list.push([isIPv4(address) ? 'NAS-IP-Address' : 'NAS-IPv6-Address', address]);
  return list;
}

/** The attributes by which a server knows a device. */
export function stationAttributes(nas: Nas, { mac, gateway, address }: Station): Attribute[] {
  const list: Attribute[] = [
    ['Calling-Station-Id', stationId(mac)],
    ['Called-Station-Id', calledStation(nas, gateway)],
    ['NAS-Port-Type', wireless],
    ['NAS-Port-Id', gateway],
  ];
  if (nas.operator !== undefined) list.push(['Operator-Name', `${realmNamespace}${nas.operator}`]);
  if (address !== undefined && isIPv4(address)) list.push(['Framed-IP-Address', address]);
  return list;
}

/** A MAC as RFC 3580 §3.21 writes it: `00-10-A4-23-19-C0`. */
export function stationId(mac: Mac): string {
  return mac.toUpperCase().replaceAll(':', '-');
}

/** The Service-Type of a login that opens a gate: a device that logs in by itself asks for a Call-Check. */
export function serviceOf(user: string | undefined, mac: Mac): number {
  return user !== undefined && isMacOf(user, mac) ? serviceType.callCheck : serviceType.login;
}

/** What a device called: this NAS, by one of its portals, unless the owner says otherwise. */
export function calledStation(nas: Nas, gateway: string): string {
  return nas.calledStation ?? `${nas.identifier}:${gateway}`;
}
