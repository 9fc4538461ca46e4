import { isIPv4, isIPv6 } from 'node:net';

/** A name as the kernel has it for a network interface; a bridge, a VLAN, an alias. */
const deviceForm = /^[A-Za-z0-9_.@-]{1,15}$/;

/** The same text where it names a network interface, and can be written into a script. */
export function deviceIn(text: string): string | undefined {
  return deviceForm.test(text) ? text : undefined;
}

/**
 * An address or a network, in the form that nft takes; a network mask is put as a length. Undefined for anything else:
 * nothing but digits, letters to f, dots, colons and a slash is ever in the result.
 */
export function networkIn(text: string): string | undefined {
  const [address = '', mask, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  if (isIPv4(address)) return withLength(address, mask, 32);
  if (isIPv6(address) && /^[0-9a-fA-F:.]+$/.test(address)) return withLength(address, mask, 128);
  return undefined;
}

/** True for an address or a network that means everywhere. */
export function isEverywhere(network: string): boolean {
  return network.endsWith('/0');
}

function withLength(address: string, mask: string | undefined, most: number): string | undefined {
  if (mask === undefined) return address;
  const length = isIPv4(mask) && most === 32 ? lengthOf(mask) : wholeIn(mask, 0, most);
  return length === undefined ? undefined : `${address}/${length}`;
}

/** The length of a network mask such as 255.255.255.0, whose ones stand in front of its zeros. */
function lengthOf(mask: string): number | undefined {
  const bits = mask.split('.').map((octet) => Number(octet).toString(2).padStart(8, '0'));
  const [, ones] = /^(1*)0*$/.exec(bits.join('')) ?? [];
  return ones?.length;
}

/** Ports of TCP or UDP, one or a range. */
export interface Ports {
  readonly port: number;
  readonly lastPort?: number;
}

/** Reads `443`, or a range with this separator. */
export function portsIn(text: string, separator: ':' | '-'): Ports | undefined {
  const [first = '', last, ...more] = text.split(separator);
  const port = wholeIn(first, 1, 65_535);
  if (port === undefined || more.length > 0) return undefined;
  if (last === undefined) return { port };
  const lastPort = wholeIn(last, port, 65_535);
  return lastPort === undefined ? undefined : { port, lastPort };
}

function wholeIn(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}
