import type { Book } from '../domain/book.js';
import { isUsable, policyOf, type Session } from '../domain/session.js';
import type { Accounts } from './accounts.js';
import type { Watches } from './watches.js';

/** Sessions that must end before this one opens: other users of the device, and the user's oldest devices too many. */
export function rivals({ book }: Accounts, session: Session): string[] {
  const isOther = (s: Session) => s.id !== session.id && isUsable(s);
  const sameDevice = book.runningOfMac(session.mac).filter(isOther);
  const devices = session.user === undefined ? [] : book.runningOfUser(session.user);
  const others = devices.filter((s) => isOther(s) && s.mac !== session.mac);
  const tooMany = Math.max(0, others.length + 1 - policyOf(session).devices);
  return [...sameDevice, ...others.slice(0, tooMany)].map(({ id }) => id);
}

/** The running sessions of the same user and of the same device, this one included. */
export function companions(book: Book, { user, mac }: Session): Session[] {
  return [...(user === undefined ? [] : book.runningOfUser(user)), ...book.runningOfMac(mac)];
}

/**
 * Whether a session's gate may open now: when its sale is on the disk, and every end that stands in its way has come. An
 * end of another device stands in the way only where the user has no place for this one beside it.
 */
export function mayOpen(accounts: Accounts, session: Session, watches: Watches): boolean {
  const { book } = accounts;
  if (!accounts.isDurable(session)) return false;
  const isEnding = ({ id, state }: Session) => state === 'closing' || book.ends.has(id);
  if (book.runningOfMac(session.mac).some(isEnding)) return false;
  const devices = session.user === undefined ? [] : book.runningOfUser(session.user);
  if (!devices.some(isEnding)) return true;
  const place = devices.findIndex(({ id }) => id === session.id);
  // Of those that wait, the oldest comes first.
  const isAhead = (other: Session, i: number) =>
    i !== place && (other.state !== 'pending' || isEnding(other) || (i < place && watches.lists(other)));
  return devices.filter(isAhead).length < policyOf(session).devices;
}
