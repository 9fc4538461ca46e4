declare const brand: unique symbol;

/** A unicast MAC address as six lower-case pairs with colons: the only form that reaches a portal or a script. */
export type Mac = string & { readonly [brand]: 'mac' };

const form = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/;

/** Reads `AA:BB:CC:DD:EE:FF` or `aa-bb-cc-dd-ee-ff`; undefined for anything else, for group addresses and for zero. */
export function parseMac(text: unknown): Mac | undefined {
  if (typeof text !== 'string' || text.length !== 17) return undefined;
  const lower = text.toLowerCase();
  if (!form.test(lower)) return undefined;
  const mac = lower.replaceAll('-', ':');
  const group = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return group || mac === '00:00:00:00:00:00' ? undefined : (mac as Mac);
}

/** The address as a number below 2^48, which a double holds exactly. */
export function macToNumber(mac: Mac): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}

/** The inverse of {@link macToNumber}. */
export function macFromNumber(n: number): Mac {
  const hex = n.toString(16).padStart(12, '0');
  return hex.replace(/(..)(?=.)/g, '$1:') as Mac;
}
