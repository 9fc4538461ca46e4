import { authorizers } from '../authorizers/registry.js';
import { orderSources } from '../orders/registry.js';
import { payments } from '../payments/registry.js';
import type { PortalParts } from '../portals/parts.js';
import { portals } from '../portals/registry.js';
import type { AuthorizerMember } from '../ports/authorizer.js';
import type { OrderMember } from '../ports/order-source.js';
import type { PaymentMember } from '../ports/payment-method.js';
import type { PortalConfig, PortalMember } from '../ports/portal.js';
import type { SinkMember } from '../ports/sink.js';
import { sinks } from '../reports/registry.js';

type ByName<M> = Readonly<Record<string, M>>;

/**
 * The members of every seam. Each member is built from its own section of the configuration, which it reads
 * itself; a registry's key leads to both.
 */
export interface Members {
  readonly portals: ByName<PortalMember<PortalConfig, PortalParts>>;
  readonly payments: ByName<PaymentMember<object>>;
  readonly authorizers: ByName<AuthorizerMember<unknown, unknown>>;
  readonly sinks: ByName<SinkMember<unknown, unknown>>;
  readonly orderSources: ByName<OrderMember<unknown, unknown>>;
}

/** Those of this version. */
export const members = { portals, payments, authorizers, sinks, orderSources } as Members;
