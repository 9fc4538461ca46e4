import type { Reauthorization, Session } from '../domain/session.js';
import type { Standing, Upstream, UpstreamParts } from './upstream.js';

/** What carrying out orders needs: the same for every source. */
export interface Orderly {
  /** Calls a method of the ubus object; a failure is `{ error: { code, message } }`. */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** The address under which a portal lists the session's device. */
  addressesOf(session: Session): readonly string[];
  /**
   * Ends a session; resolves with its state when the gate is shut, or when the gate does not shut for now.
   */
  close(id: string, cause: 'coa' | 'pc-logout'): Promise<Session | undefined>;
  /** Gives a session other limits, durably and at once; `to` is asked with its use up to now. Undefined when it has ended. */
  reauthorize(id: string, to: (session: Session) => Reauthorization): Promise<Session | undefined>;
  /** Speeds of open gates can be changed. */
  canShape(): boolean;
}

/** Takes orders about sessions from a server. */
export interface OrderSource {
  readonly standing: Standing;
  stop(): Promise<void>;
}

/** What an order source is built from. */
export interface OrderParts<L> extends UpstreamParts {
  readonly link: L;
  readonly orderly: Orderly;
}

/** A member of the seam: a line in `orders/registry.ts`. */
export interface OrderMember<C, L> {
  readonly upstream: Upstream<C, L>;
  /** Undefined when the configuration allows nobody to give orders. */
  build(config: C, parts: OrderParts<L>): Promise<OrderSource | undefined>;
}
