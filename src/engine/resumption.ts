import { isAsked, isAuthorized } from '../domain/session.js';
import type { Millis } from '../domain/units.js';
import type { Accounts } from './accounts.js';

/**
 * Takes up the sessions that an earlier run left. Each counts as away until the portal lists its device.
 *
 * @param off time without a daemon that counts all the same
 */
export function resume(accounts: Accounts, off: Millis): void {
  for (const session of [...accounts.book.running()]) {
    if (isAsked(session)) accounts.dismiss(session);
    else {
      const now = off > 0 ? accounts.update(session, { type: 'elapsed', millis: off }) : session;
      accounts.wait(now);
    }
  }
}

/**
 * Ends, after a reboot, every session that a server authorised: a server that hears of a reboot takes them
 * for ended and decides anew.
 */
export function endAuthorized(accounts: Accounts): void {
  for (const { id } of [...accounts.book.running()].filter(isAuthorized)) {
    accounts.change(id, { type: 'ended', cause: 'reboot' }, 'closing');
  }
}
