import { isIPv4, isIPv6 } from 'node:net';
import { type Kind, kindOf } from './kind.js';

/** A server as it is named in a configuration. */
export interface NamedEndpoint {
  /** A name, an IPv4 or an IPv6 address. */
  readonly host: string;
  /** Absent for the usual port. */
  readonly port?: number;
}

const hostName = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const form =
  /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)|([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/;

/** `host`, `host:port`, an IPv6 address, or one in brackets with a port. */
export const endpoint: Kind<NamedEndpoint> = kindOf(
  'a server such as radius.example.net, 192.0.2.1:1812 or [2001:db8::1]:1812',
  (text) => {
    const [, bracketed, name, bare, digits] = form.exec(text) ?? [];
    const host = bracketed ?? name ?? bare;
    const port = Number(digits ?? 0);
    if (host === undefined || port > 65_535) return undefined;
    if (name === undefined ? !isIPv6(host) : !hostName.test(host)) return undefined;
    // Resolvers take 192.168.1 for 192.168.0.1: nobody means that.
    if (/^[\d.]+$/.test(host) && !isIPv4(host)) return undefined;
    return digits === undefined ? { host } : { host, port };
  },
);
