import type { Standing, UpstreamParts } from '../../ports/upstream.js';
import type { Attribute } from '../attributes.js';
import { errorCause } from '../code.js';
import { clientOf } from '../configured.js';
import type { RadiusLink } from '../link.js';
import type { LocatedNas } from '../located.js';
import { readPacket } from '../packet.js';
import { PortPool } from '../port-pool.js';
import type { Endpoint, RadiusConfig } from '../section.js';
import type { Source } from '../transport.js';
import type { Wire } from '../wire.js';
import { Keeper } from './keeper.js';
import { tokened } from './tokened.js';
import { type OrderTaker, type TlsOptions, TlsTransport } from './transport.js';

/** A Status-Server that keeps a connection has no answer after this time, in ms. */
const statusLimitMs = 10_000;

/** Connections to all of the servers, which stay open so that the servers' orders get through (RFC 6614 §2.1). */
export class Secured {
  readonly transport: TlsTransport;
  readonly #keepers: readonly Keeper[];
  readonly #pool: PortPool;

  constructor(transport: TlsTransport, pool: PortPool, keepers: readonly Keeper[]) {
    this.transport = transport;
    this.#pool = pool;
    this.#keepers = keepers;
  }

  /** Whether a server can give orders. */
  readonly standing = (): Standing => {
    if (this.transport.connections > 0) return { state: 'up', error: '' };
    const { trouble } = this.transport;
    return trouble === undefined ? { state: 'connecting', error: '' } : { state: 'down', error: trouble };
  };

  start(): void {
    for (const keeper of this.#keepers) keeper.start();
  }

  close(): void {
    for (const keeper of this.#keepers) keeper.stop();
    this.#pool.close();
  }
}

/** A server hears that nobody takes its orders (RFC 6614 §2.5), so that it does not wait. */
function notTaken(secret: Buffer): OrderTaker {
  return (bytes, { wire }, send) => {
    const request = readPacket(bytes);
    // The NAK of both kinds follows its request by two (RFC 5176 §2.3).
    const nak = request.code + 2;
    const cause: Attribute = ['Error-Cause', errorCause.unsupportedExtension];
    send(wire.encodeReply(request, nak, [cause], secret, true));
  };
}

/** The log has it when another version is spoken with a server than before. */
function told(log: UpstreamParts['log']): (server: Source, wire: Wire) => void {
  const newer = new Set<string>();
  return ({ address, port }, wire) => {
    const server = `${address}:${port}`;
    if (newer.has(server) === (wire === tokened)) return;
    newer[wire === tokened ? 'add' : 'delete'](server);
    log('info', `radius: ${server} is spoken to in RADIUS/${wire === tokened ? '1.1' : '1.0 again'}`);
  };
}

/** What the members share where packets go over TLS. */
export function securedLink(
  config: RadiusConfig,
  tls: TlsOptions,
  nas: LocatedNas,
  parts: UpstreamParts,
): RadiusLink {
  const transport = new TlsTransport(tls, parts.clock, told(parts.log));
  transport.orders = notTaken(Buffer.from(config.secret));
  const keepers = new Map<string, Keeper>();
  const keyOf = ({ host, port }: Endpoint) => `${host} ${port}`;
  const pool = new PortPool(transport, tls.underWay, (host, port) =>
    keepers.get(keyOf({ host, port }))?.lost(),
  );
  const shared = { nas, transport, pool, told: new Map<string, string>() };
  for (const at of [...config.authServers, ...config.acctServers]) {
    if (keepers.has(keyOf(at))) continue;
    const { clock } = parts;
    const ports = pool.to(at.host, at.port);
    const client = clientOf([at], config, shared, parts, statusLimitMs);
    keepers.set(keyOf(at), new Keeper({ ...{ client, ports, nas, clock }, policy: config.statusServer }));
  }
  return { ...shared, secured: new Secured(transport, pool, [...keepers.values()]) };
}
