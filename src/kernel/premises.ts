import type { Premises } from '../ports/premises.js';

/** What the table itself is made of, as a text. Addresses of gardens are elements of a set, which an audit moves. */
export function premisesOf(places: Iterable<Premises>): string {
  return JSON.stringify([...places], (key, value) => (key === 'addresses' ? undefined : value));
}

/** All of them, with what stands in sets alone, as a text. */
export function allPremisesOf(places: Iterable<Premises>): string {
  return JSON.stringify([...places]);
}
