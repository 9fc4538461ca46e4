import type { Session } from '../domain/session.js';
import type { Attribute, AttributeValue } from './attributes.js';
import { valuesOf } from './find.js';

// The name by which a server's bills know a customer: Chargeable-User-Identity (RFC 4372). It is kept as base64.

const name = 'Chargeable-User-Identity';
/** A NUL is in the place of a name: who asks for one sends it, and a server that knows none (RFC 4372 §2.2). */
const nobody = Buffer.from([0]);

/** What asks a server for it, in a login. */
export const chargeableRequest: Attribute = [name, nobody];

/** The one that a server gave. */
export function chargeableIn(attributes: readonly Attribute[]): string | undefined {
  const [given] = valuesOf(attributes, name);
  const text = given === undefined ? '' : textOf(given);
  return text === '' || text === textOf(nobody) ? undefined : text;
}

/** The one that the newest login of a session has. */
export function chargeableOf({ lots }: Session): string | undefined {
  return lots.findLast((lot) => lot.accounting?.chargeable !== undefined)?.accounting?.chargeable;
}

/** As it came, for the reports on a session; none where the server gave none. */
export function chargeableAttributes(session: Session): Attribute[] {
  const chargeable = chargeableOf(session);
  return chargeable === undefined ? [] : [[name, Buffer.from(chargeable, 'base64')]];
}

/** Whether it is the session's. */
export function isChargeableOf(session: Session, value: unknown): boolean {
  return chargeableOf(session) === textOf(value as AttributeValue);
}

function textOf(value: AttributeValue): string {
  return Buffer.from(value as string | Buffer).toString('base64');
}
