import { isAsked, isAuthorized } from '../domain/session.js';
import type { Millis } from '../domain/units.js';
import type { Accounts } from './accounts.js';

/**
 * Takes up the sessions that an earlier run has left: nobody is let through for sure until the portal says so.
 *
 * @param off time in which nobody was here and which counts all the same
 */
export function resume(accounts: Accounts, off: Millis): void {
  for (const session of [...accounts.book.running()]) {
    if (isAsked(session)) accounts.dismiss(session);
    else {
      const now = off > 0 ? accounts.update(session, { type: 'elapsed', millis: off }) : session;
      accounts.update(now, { type: 'away' });
    }
  }
}

/** After a reboot: a server that hears of it takes all that it authorised for ended, and decides anew. */
export function endAuthorized(accounts: Accounts): void {
  for (const { id } of [...accounts.book.running()].filter(isAuthorized)) {
    accounts.change(id, { type: 'ended', cause: 'reboot' }, 'closing');
  }
}
