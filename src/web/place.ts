import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Longest address that a customer is led back to, in characters. */
const mostReturn = 400;

/** The server as one connection reaches it. */
export interface Place {
  /** An address as it stands in a URL, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** Where a connection arrived; what a redirect of port 80 leads here is at the page's own port, too. */
export function placeOf(socket: Socket & { readonly encrypted?: boolean }): Place {
  const address = plainAddress(socket.localAddress ?? '');
  const host = address.includes(':') ? `[${address}]` : address;
  return { host, port: socket.localPort ?? 0, isSecure: socket.encrypted === true };
}

/** An address without zone and without the form of IPv4 in IPv6. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
}

/** The name in `Host`, lower-case and without its port; empty when there is none. */
export function hostOf({ headers: { host = '' } }: Pick<IncomingMessage, 'headers'>): string {
  return /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase() ?? '';
}

/**
 * The port that the asker believes to be at. It is another one where a redirect of the gate's has led them here from
 * port 80, which is the router's own again as soon as the gate is open.
 */
export function portOf(
  { headers: { host = '' } }: Pick<IncomingMessage, 'headers'>,
  { isSecure }: Place,
): number {
  const said = /:(\d{1,5})$/.exec(host)?.[1];
  return said === undefined ? usualPort(isSecure) : Number(said);
}

/**
 * Whether the asker means us. Any other name, that of a probe or of a site that has itself resolved to the router (DNS
 * rebinding), is sent to our own address first.
 * @param isOurs knows further names: those of the certificate
 */
export function isOwnHost(host: string, place: Place, isOurs: (name: string) => boolean): boolean {
  return host === place.host || (host !== '' && isOurs(host));
}

/** `http://192.168.1.1:2080` */
export function originOf({ host, port, isSecure }: Place, name = host): string {
  return `${isSecure ? 'https' : 'http'}://${name}${port === usualPort(isSecure) ? '' : `:${port}`}`;
}

function usualPort(isSecure: boolean): number {
  return isSecure ? 443 : 80;
}

/** Our page, with the way back to what was asked for. */
export function pageFor(request: IncomingMessage, place: Place): string {
  const { host = '' } = request.headers;
  const wanted = `http://${host}${request.url ?? '/'}`;
  const isGood = host !== '' && wanted.length <= mostReturn && URL.canParse(wanted);
  return `${originOf(place)}/${isGood ? `?to=${encodeURIComponent(wanted)}` : ''}`;
}

/**
 * Whether a browser was made to send this by another site. Browsers say where a request that changes something comes
 * from, and a site cannot keep them from it; what says nothing is no browser.
 */
export function isForeign({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== hostWithPort(host ?? '');
}

function hostWithPort(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).host : '';
}
