import type { Session } from '../domain/session.js';

/** What the engine tells the world, after it is durable. */
export type Notice =
  | { readonly type: 'session.opened' | 'session.low' | 'session.closed'; readonly session: Session }
  | { readonly type: 'session.usage'; readonly sessions: readonly Session[] }
  | { readonly type: 'gateway.up' | 'gateway.down'; readonly gateway: string; readonly detail: string }
  | { readonly type: 'sink.up' | 'sink.down'; readonly sink: string; readonly detail: string }
  | {
      readonly type: 'authorizer.up' | 'authorizer.down';
      readonly authorizer: string;
      readonly detail: string;
    }
  | { readonly type: 'payment.up' | 'payment.down'; readonly payment: string; readonly detail: string };
