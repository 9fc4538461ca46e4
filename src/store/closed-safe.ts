import type { Safe } from '../ports/safe.js';
import type { StoreError } from './error.js';

/** In the place of a safe that cannot be read: empty, and it takes nothing, so nothing is written over what is there. */
export function closedSafe(cause: StoreError): Safe {
  return { unread: cause, all: () => [], put: () => Promise.reject(cause) };
}
