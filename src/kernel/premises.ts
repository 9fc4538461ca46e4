import type { Wanted } from '../ports/kernel.js';

/** What the table itself is made of, as a text. Addresses of gardens are elements of a set, which an audit moves. */
export function premisesOf(wanted: Wanted): string {
  return JSON.stringify([...wanted.premises()], (key, value) => (key === 'addresses' ? undefined : value));
}

/** All of them, with what stands in sets alone, as a text. */
export function allPremisesOf(wanted: Wanted): string {
  return JSON.stringify([...wanted.premises()]);
}
