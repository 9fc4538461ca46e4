/**
 * What a node or a facilitator says for people, fit for a log and for `status`: printable ASCII, cut at `longest`
 * characters. Nothing in it is to be trusted.
 */
export function plainText(text: unknown, longest = 200): string {
  return String(text ?? '')
    .slice(0, longest)
    .replace(/[^\x20-\x7e]/g, ' ');
}
