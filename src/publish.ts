import { existsSync } from 'node:fs';
import { admission } from './api/admission.js';
import { answer, failure, type Method, methods, objectPath } from './api/control.js';
import type { Service } from './api/service.js';
import { type View, viewSession } from './api/view.js';
import type { Config } from './config/config.js';
import type { Notice } from './engine/ports.js';
import type { Log } from './log.js';
import { type PublishedObject, UbusClient } from './ubus/client.js';

const ubusSockets = ['/var/run/ubus/ubus.sock', '/var/run/ubus.sock'];

/** Calls under way at once, each of which holds memory until its gate has turned. */
const mostCalls = 512;

/** Offers the object on ubus; when ubusd is not there yet, as soon as it is. */
export async function publish(
  service: Service,
  config: Config,
  log: Log,
  tell: Set<(notice: Notice) => void>,
): Promise<{ close(): void }> {
  const socket = config.main.socket ?? ubusSockets.find(existsSync) ?? ubusSockets[0]!;
  const client = new UbusClient({
    socket,
    log: (text) => log('error', text),
    onConnected: () => log('info', `ubus: connected to ${socket}`),
    onDisconnected: () => log('warn', 'ubus: the connection ended: trying again'),
  });
  await client.start();
  const types = { string: 'string', integer: 'int32', boolean: 'boolean', table: 'table' } as const;
  const admit = admission(mostCalls);
  const call = (method: Method) => (given: View) =>
    admit(() => answer(method, given, service)) ?? failure('busy', 'too many calls are under way: try again');
  const exposed = Object.entries(methods).map(([name, method]) => {
    const args = Object.entries(method.args).map(([arg, type]) => [arg, types[type]] as const);
    const signature = Object.fromEntries([...args, ['ubus_rpc_session', 'string'] as const]);
    return [name, { args: signature, handler: call(method) }] as const;
  });
  const object = await client.publish({ path: objectPath, methods: Object.fromEntries(exposed) });
  tell.add((notice) => announce(notice, client, object, log));
  const heartbeat = setInterval(() => object.notify('heartbeat', {}), config.main.heartbeat);
  heartbeat.unref();
  return {
    close() {
      clearInterval(heartbeat);
      client.close();
    },
  };
}

/** A notice as a notification of the object, and as an event for those who listen to all of ubus. */
function announce(notice: Notice, client: UbusClient, object: PublishedObject, log: Log): void {
  for (const data of viewsOf(notice)) {
    object.notify(notice.type, data);
    client
      .send(`turnpike.${notice.type}`, data)
      .catch((cause: Error) => log('debug', `ubus: ${cause.message}`));
  }
}

function viewsOf(notice: Notice): View[] {
  if ('sessions' in notice) return notice.sessions.map(viewSession);
  if ('session' in notice) return [viewSession(notice.session)];
  return [{ gateway: notice.gateway, detail: notice.detail }];
}
