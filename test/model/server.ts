// A server that says who may in, as RADIUS does.
import { refuse } from '../../src/domain/refuse.js';
import { bytes } from '../../src/domain/units.js';
import type { Authorizer } from '../../src/ports/authorizer.js';

/** Whoever knows the password has so many bytes, on one device at a time. */
export const password = 'sesame';
export const authorizedBytes = 40_000;

const wrong = refuse('login_rejected', 'wrong password');

export const authorizer: Authorizer = {
  devices: 1,
  credentials: ({ user, password: given }) => ({
    ok: true,
    value: { user: String(user), password: String(given) },
  }),
  authenticate: async (login) => (login.password === password ? { ok: true, value: undefined } : wrong),
  authorize: async ({ user, password: given }) =>
    given === password
      ? {
          ok: true,
          value: {
            user,
            allotment: { bytes: bytes(authorizedBytes) },
            policy: { devices: 1, pauseAway: false },
            accounting: { classes: [] },
          },
        }
      : wrong,
};
