import { createSocket } from 'node:dgram';
import { Authorizer } from '../authorizers/radius/authorizer.js';
import { systemClock } from '../clock.js';
import type { Trial, Upstream, UpstreamStatus } from '../ports/sink.js';
import { RadiusClient } from '../radius/client.js';
import { packetCode } from '../radius/code.js';
import { type Nas, nasAttributes } from '../radius/nas.js';
import type { Endpoint, RadiusConfig } from '../radius/section.js';
import { UdpTransport } from '../radius/udp.js';
import { Accounting } from '../reports/radius/accounting.js';
import type { UpstreamParts } from './parts.js';
import { takeOrders } from './radius-orders.js';

const sink = 'radius';
/** A login is given up so long before those who wait for its answer hang up, in ms: LuCI does after 20 s. */
const loginLimitMs = 15_000;

/** Makes turnpike a NAS of the configured servers: logins, accounting and, where they may, their orders. */
export async function startRadius(config: RadiusConfig, parts: UpstreamParts): Promise<Upstream> {
  const { engine, logins, store, log, router, newId } = parts;
  const address = config.nasAddress ?? (await addressTowards(config.authServers[0]!));
  const nas: Nas = { identifier: config.nasIdentifier ?? router, ...(address !== undefined && { address }) };
  const clientOf = (servers: readonly Endpoint[], limitMs?: number) =>
    new RadiusClient({
      servers: servers.map((at) => ({
        ...at,
        secret: Buffer.from(config.secret),
        messageAuthenticator: config.messageAuthenticator,
      })),
      transport: new UdpTransport(),
      clock: systemClock,
      retransmission: { irt: config.timeout, ...(limitMs !== undefined && { mrd: limitMs }) },
      identity: nasAttributes(nas),
      changed: (server, state, detail) =>
        log(state === 'live' ? 'info' : 'warn', `radius: ${server} is ${state}: ${detail}`),
    });
  const auth = clientOf(config.authServers, loginLimitMs);
  const acct = clientOf(config.acctServers);

  const isNew = !store.sinks.includes(sink);
  const outbox = store.outbox(sink, 'now');
  const { book } = engine.accounts;
  const accounting = new Accounting({
    outbox,
    client: acct,
    nas,
    clock: systemClock,
    random: Math.random,
    interim: config.interim,
    newId,
    sessions: book.running(),
    at: book.at,
  });
  const orders = config.orders && (await takeOrders(config.orders, Buffer.from(config.secret), nas, parts));
  accounting.start(isNew);
  const { protocol, devices, macAuth, macPassword } = config;
  logins.authorizer = new Authorizer({
    client: auth,
    nas,
    protocol,
    devices,
    ...(macAuth && { macLogin: macPassword === undefined ? {} : { password: macPassword } }),
    wall: systemClock.wall,
    reported: (sessions) => accounting.reported(sessions),
  });
  const test = () => tryBoth(auth, acct, nas);
  // Nothing may be under way for hours: whether the servers are there is asked at once.
  void test();

  return {
    get status() {
      return statusOf(auth, accounting, outbox.backlog);
    },
    test,
    async stop(forGood) {
      logins.authorizer = undefined;
      await orders?.close();
      await accounting.stop(forGood);
      auth.close();
      acct.close();
    },
  };
}

function statusOf(auth: RadiusClient, accounting: Accounting, backlog: number): UpstreamStatus {
  const { state, error } = accounting.status;
  const silent = auth.status.every((server) => server.state === 'zombie');
  if (silent) return { state: 'down', backlog, error: error || 'no server answers logins' };
  const answered = auth.status.some(({ counters }) => counters.replies > 0);
  return { state: state === 'connecting' && answered ? 'up' : state, backlog, error };
}

async function tryBoth(auth: RadiusClient, acct: RadiusClient, nas: Nas): Promise<Trial> {
  const request = { code: packetCode.statusServer, attributes: nasAttributes(nas) };
  const [login, report] = await Promise.all([auth.request(request), acct.request(request)]);
  if (login.ok && report.ok) {
    return { ok: true, detail: `${login.server} takes logins, ${report.server} takes accounting` };
  }
  const failed = login.ok ? report : login;
  return { ok: false, code: 'upstream_silent', message: failed.ok ? '' : failed.detail };
}

/** The address from which packets to a server go out; undefined when there is no way to it now. */
function addressTowards({ host, port }: Endpoint): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.connect(port, host, (error?: Error) => {
      resolve(error ? undefined : socket.address().address);
      socket.close();
    });
  });
}
