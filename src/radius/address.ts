import { isIPv4, isIPv6 } from 'node:net';
import { RadiusError } from './error.js';

const groups = 8;
const longestPrefix = 128;

/** The 4 octets of `192.0.2.1`. @throws {@link RadiusError} `bad_value` */
export function ipv4Octets(text: string): Buffer {
  if (!isIPv4(text)) throw new RadiusError('bad_value', 'no IPv4 address');
  return Buffer.from(text.split('.').map(Number));
}

/** @throws {@link RadiusError} `bad_length` */
export function ipv4Text(octets: Buffer): string {
  if (octets.length !== 4) throw new RadiusError('bad_length', 'an IPv4 address has 4 octets');
  return octets.join('.');
}

/** The 16 octets of an address without a zone. @throws {@link RadiusError} `bad_value` */
export function ipv6Octets(text: string): Buffer {
  if (!isIPv6(text) || text.includes('%')) throw new RadiusError('bad_value', 'no IPv6 address');
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const octets = Buffer.alloc(2 * groups);
  for (const [i, group] of left.entries()) octets.writeUInt16BE(group, 2 * i);
  for (const [i, group] of right.entries()) octets.writeUInt16BE(group, 2 * (groups - right.length + i));
  return octets;
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const octets = ipv4Octets(part);
    return [octets.readUInt16BE(0), octets.readUInt16BE(2)];
  });
}

/** The text of an address, as RFC 5952 wants it. @throws {@link RadiusError} `bad_length` */
export function ipv6Text(octets: Buffer): string {
  if (octets.length !== 2 * groups) throw new RadiusError('bad_length', 'an IPv6 address has 16 octets');
  const values = Array.from({ length: groups }, (_, i) => octets.readUInt16BE(2 * i));
  const { start, length } = longestZeros(values);
  const hex = (part: readonly number[]) => part.map((v) => v.toString(16)).join(':');
  if (length < 2) return hex(values);
  return `${hex(values.slice(0, start))}::${hex(values.slice(start + length))}`;
}

function longestZeros(values: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < values.length; start++) {
    let length = 0;
    while (values[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** `2001:db8::/32` as reserved octet, length in bits, and no more octets than these (RFC 3162 §2.3). */
export function ipv6PrefixOctets(text: string): Buffer {
  const [address = '', bits = ''] = text.split('/');
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(length <= longestPrefix)) throw new RadiusError('bad_value', 'no IPv6 prefix');
  const octets = ipv6Octets(address).subarray(0, Math.ceil(length / 8));
  return Buffer.concat([Buffer.from([0, length]), octets]);
}

/** The inverse of {@link ipv6PrefixOctets}; octets beyond the prefix's length are passed over. */
export function ipv6PrefixText(octets: Buffer): string {
  const length = octets[1] ?? Number.NaN;
  const fits = length <= longestPrefix && octets.length - 2 <= 2 * groups && octets.length - 2 >= length / 8;
  if (!fits) throw new RadiusError('bad_length', 'an IPv6 prefix that is longer than its octets');
  const whole = Buffer.alloc(2 * groups);
  octets.copy(whole, 0, 2, 2 + Math.ceil(length / 8));
  return `${ipv6Text(whole)}/${length}`;
}

/** One text for each address: IPv4 as itself also where a socket for both says `::ffff:`, no zone. */
export function canonicalAddress(text: string): string {
  const [plain = ''] = text.split('%');
  if (!isIPv6(plain)) return plain;
  const octets = ipv6Octets(plain);
  const mapped =
    octets.readUInt32BE(0) === 0 && octets.readUInt32BE(4) === 0 && octets.readUInt32BE(8) === 0xffff;
  return mapped ? ipv4Text(octets.subarray(12)) : ipv6Text(octets);
}
