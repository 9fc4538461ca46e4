import { buildAuthorizer } from '../../../src/authorizers/radius/build.js';
import { systemClock } from '../../../src/clock.js';
import { buildOrders } from '../../../src/orders/radius/build.js';
import type { AuthorizerParts, RunningAuthorizer } from '../../../src/ports/authorizer.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { OrderParts, OrderSource } from '../../../src/ports/order-source.js';
import type { RadiusClient } from '../../../src/radius/client.js';
import { clientOf } from '../../../src/radius/configured.js';
import type { RadiusLink } from '../../../src/radius/link.js';
import type { RadiusConfig } from '../../../src/radius/section.js';
import { radius } from '../../../src/radius/upstream.js';

/** No limit is reached on a machine that is busy. */
const patient: Clock = { ...systemClock, after: (ms, task) => systemClock.after(ms * 50, task) };

/** The upstream `radius` over TLS, and what its members are built from. */
export interface Scene {
  readonly config: RadiusConfig;
  readonly parts: object;
  readonly link: RadiusLink;
  readonly log: string[];
}

/** `file`: the certificates; `certificate`: whose the router shows. Ports are of this machine. */
export async function opened(
  file: (name: string) => string,
  ports: readonly number[],
  { name = 'radius.test', certificate = 'router', underWay = 256, radius11 = 'auto', ...more } = {},
): Promise<Scene> {
  const ends = ports.map((port) => ({ host: '127.0.0.1', port }));
  const files = { certificateFile: file(`${certificate}.pem`), keyFile: file(`${certificate}.key`) };
  const config = {
    ...{
      authServers: ends,
      acctServers: ends,
      secret: 'radsec',
      timeout: 2_000,
      protocol: 'pap',
      devices: 1,
    },
    ...{ messageAuthenticator: 'require', statusServer: 'auto', macAuth: false, nasAddress: '192.0.2.1' },
    tls: { caFile: file('ca.pem'), name, underWay, ...(radius11 === 'off' && { radius11 }), ...files },
    ...more,
  } as unknown as RadiusConfig;
  const log: string[] = [];
  const parts = {
    ...{ clock: patient, router: 'cafe', orderly: {}, running: () => [] },
    log: (_level: string, text: string) => log.push(text),
  };
  const link = await radius.open(config, parts as never);
  return { config, parts: { ...parts, link }, link, log };
}

export const authorizerOf = ({ config, parts }: Scene): Promise<RunningAuthorizer> =>
  buildAuthorizer(config, parts as unknown as AuthorizerParts<RadiusLink>);
export const ordersOf = ({ config, parts }: Scene): Promise<OrderSource | undefined> =>
  buildOrders(config, parts as unknown as OrderParts<RadiusLink>);

/** Another client on the same connections. */
export const accountingOf = ({ config, link, parts }: Scene): RadiusClient =>
  clientOf(config.acctServers, config, link, parts as never);
