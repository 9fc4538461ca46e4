/** Longest address that a customer is led back to, in characters. */
const mostAddress = 400;
/** What openNDS puts into the address, in bytes of base64. */
const mostFas = 4_096;

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
  return isPlain && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
