import { canExtend } from '../domain/outlook.js';
import { isUsable, type Session } from '../domain/session.js';
import { bytesLeft, millisLeft } from '../domain/usage.js';
import type { Reply, Route } from '../ports/web.js';
import type { Shop } from './shop.js';

/** Where the API of RFC 8908 is. It is announced to phones (RFC 8910) where there is a certificate. */
export const captivePath = '/captive-portal/api';

/** What a device is told of itself (RFC 8908 §5): all numbers are true now. */
export function captiveState(session: Session | undefined, pages: string, canBuy: boolean): object {
  if (!session || !isUsable(session) || session.openedAt === undefined) {
    return { captive: true, 'user-portal-url': pages };
  }
  const { granted, usage } = session;
  const [millis, bytes] = [millisLeft(granted, usage), bytesLeft(granted, usage)];
  return {
    ...{ captive: false, 'user-portal-url': pages, 'can-extend-session': canBuy },
    ...(millis !== undefined && { 'seconds-remaining': Math.floor(millis / 1000) }),
    ...(bytes !== undefined && { 'bytes-remaining': bytes }),
  };
}

/** The API as a route. A device that cannot be told is captive: it is sent to the page, which says so. */
export function captiveRoute(shop: Shop): Route {
  return {
    method: 'GET',
    path: captivePath,
    async handle(request): Promise<Reply> {
      const device = await request.device();
      const session = device && shop.sessionOfMac(device.mac);
      const canBuy = session !== undefined && canExtend(session, shop.plans());
      const headers = { 'Content-Type': 'application/captive+json', 'Cache-Control': 'private, no-store' };
      const state = captiveState(session, `${request.origin}/`, canBuy);
      return { status: 200, headers, body: JSON.stringify(state) };
    },
  };
}
