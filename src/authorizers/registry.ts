import { radiusLogins } from './radius/member.js';

/** Servers that decide who may in, by the payment method that a login with them is. */
export const authorizers = { radius: radiusLogins };
