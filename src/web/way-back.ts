import { networkInterfaces } from 'node:os';

/** Longest address that a customer is led back to, in characters. */
const mostAddress = 400;
/** What openNDS puts into the address, in bytes of base64. */
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
 */
export function wayBack(query: URLSearchParams): string | undefined {
  const to = query.get('to');
  if (to !== null) return webAddress(to);
  const fas = query.get('fas');
  if (fas === null || fas.length > mostFas) return undefined;
  const said = Buffer.from(fas, 'base64').toString('utf8');
  const origin = /(?:^|, )originurl=([^,\s]+)/.exec(said)?.[1];
  return origin === undefined ? undefined : webAddress(decoded(origin));
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
