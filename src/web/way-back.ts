import { networkInterfaces } from 'node:os';
import type { WebRequest } from '../ports/web.js';

type Request = Pick<WebRequest, 'query' | 'headers' | 'origin'>;

/** Longest address that a customer is led back to, in characters. */
const mostAddress = 400;
/** What a portal puts into an address, in characters. */
const mostFas = 4_096;
/** Where phones and computers look whether they are online, beside those that are known by their path. */
const probes = new Set([
  ...['captive.apple.com', 'www.msftconnecttest.com', 'www.msftncsi.com', 'ipv6.msftconnecttest.com'],
  ...[
    'detectportal.firefox.com',
    'nmcheck.gnome.org',
    'network-test.debian.org',
    'connectivity-check.ubuntu.com',
  ],
]);

/**
 * Where a customer wanted to go, from the address of the page: `to`, or the `originurl` of openNDS, which is in `fas`
 * as base64 of `name=value, name=value`. Everything else in there is what anybody may have written.
 * @param request the page that led here, `Referer`, may be that of nodogsplash, whose own address has it as `redir`
 */
export function wayBack({ query, headers, origin }: Request): string | undefined {
  const to = query.get('to');
  if (to !== null) return webAddress(to);
  const fas = query.get('fas');
  if (fas === null) return ofSplash(headers.referer ?? '', origin);
  if (fas.length > mostFas) return undefined;
  const said = Buffer.from(fas, 'base64').toString('utf8');
  const wanted = /(?:^|, )originurl=([^,\s]+)/.exec(said)?.[1];
  return wanted === undefined ? undefined : webAddress(decoded(wanted));
}

function ofSplash(referer: string, origin: string): string | undefined {
  if (referer.length > mostFas || !URL.canParse(referer)) return undefined;
  const { hostname, searchParams } = new URL(referer);
  const redir = searchParams.get('redir');
  return redir === null || hostname !== new URL(origin).hostname ? undefined : webAddress(redir);
}

/** An address of the web that can be shown as a link; undefined for anything else. */
function webAddress(text: string): string | undefined {
  if (text.length > mostAddress || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.hostname !== 'status.client';
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isPlain && isWeb && !isProbe(url) && !isThisRouter(url.hostname) ? url.href : undefined;
}

/** What phones ask for to learn whether they are online: nobody wants to read it. */
function isProbe({ hostname, pathname }: URL): boolean {
  return probes.has(hostname) || /\/gen(?:erate)?_204$/.test(pathname);
}

/** It is no way to the Internet: the router's own server would answer. */
function isThisRouter(hostname: string): boolean {
  if (!/^[\d.]+$|^\[/.test(hostname)) return false;
  const bare = hostname.replace(/^\[|\]$/g, '');
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === bare));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
