import type { NewPayOrder, PayOrder } from '../domain/pay-order.js';
import type { Refusal, Result } from './result.js';

/** Orders that are paid elsewhere, for who sells. */
export interface PayOrdering {
  create(order: NewPayOrder): Promise<Result<PayOrder>>;
  /** Whoever asks for an order is taken to be there. */
  get(id: string): PayOrder | undefined;
  /** Why orders cannot be read now: of none can be said then that there is no such order. */
  readonly unread: Refusal | undefined;
}
