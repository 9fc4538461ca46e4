import { UbusClient, type UbusError } from 'openwrt-ubus';
import { Admission } from '../api/admission.js';
import { answer, methods, objectPath } from '../api/control.js';
import type { Method } from '../api/method.js';
import { failure } from '../api/reply.js';
import type { Service } from '../api/service.js';
import { type View, viewSession, viewUsage } from '../api/view.js';
import type { Log } from '../ports/log.js';
import type { Notice } from '../ports/notice.js';
import type { Config } from './schema.js';

/** Calls under way at once, each of which holds memory until its gate has turned. */
const mostCalls = 512;

const unreadable = (why: string) =>
  failure({ code: 'bad_argument', message: `the arguments cannot be read: ${why}` });

/** The daemon's place on ubus. */
export interface Bus {
  /** Takes no more calls; resolves when those under way are answered. */
  drain(): Promise<void>;
  /** Resolves when what was sent has arrived. */
  close(): Promise<void>;
}

/** Offers the object on ubus; when ubusd is not there yet, as soon as it is. `close` lets what was sent arrive. */
export async function publish(
  service: Service,
  config: Config,
  log: Log,
  tell: Set<(notice: Notice) => void>,
): Promise<Bus> {
  const { socket } = config.main;
  const client = new UbusClient({
    socket,
    onError: (error) => log('error', textOf(error)),
    onConnected: () => log('info', `ubus: connected to ${socket ?? 'ubusd'}`),
    onDisconnected: () => log('warn', 'ubus: the connection ended: trying again'),
  });
  await client.start();
  const types = { string: 'string', integer: 'int32', boolean: 'boolean', table: 'table' } as const;
  const admission = new Admission(mostCalls);
  const call = (method: Method) => (given: View) =>
    admission.run(() => answer(method, given, service)) ?? failure(admission.refusal!);
  const exposed = Object.entries(methods).map(([name, method]) => {
    const args = Object.entries(method.args).map(([arg, type]) => [arg, types[type]] as const);
    const signature = Object.fromEntries([...args, ['ubus_rpc_session', 'string'] as const]);
    return [name, { args: signature, handler: call(method), unreadable }] as const;
  });
  const object = await client.publish({ path: objectPath, methods: Object.fromEntries(exposed) });
  const announcer = new Announcer((type, data) => {
    object.notify(type, data);
    client.post(`turnpike.${type}`, data);
  });
  tell.add((notice) => announcer.tell(notice));
  const heartbeat = setInterval(() => object.notify('heartbeat', {}), config.main.heartbeat);
  heartbeat.unref();
  return {
    async drain() {
      // Calls that ubusd passed on before it answers this have arrived by then.
      await client.list(objectPath).catch(() => []);
      await admission.drain();
      // This comes last: ubusd drops the answers of an object that is gone.
      await object.remove().catch(() => {});
    },
    close() {
      clearInterval(heartbeat);
      announcer.stop();
      return client.close();
    },
  };
}

/** The text of an error for the log; a defect comes with its stack. */
function textOf({ code, message, cause }: UbusError): string {
  return code === 'unknown_error' && cause instanceof Error ? `${message}\n${cause.stack}` : message;
}

/** How many notices are sent in one burst, and how many ms other messages have before the next burst. */
const burst = 32;
const pauseMs = 10;

/**
 * Tells notices as notifications of the object, and as events to those who listen to all of ubus.
 *
 * Notices are sent in small bursts, because ubusd silently drops what does not fit into the megabyte that it
 * keeps for each client (ubusd.c, `UBUS_CLIENT_MAX_TXQ_LEN`). The usage of 1,000 sessions at once would make
 * it drop answers too.
 */
class Announcer {
  readonly #send: (type: string, data: View) => void;
  readonly #queue: { readonly type: string; readonly data: () => View }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (type: string, data: View) => void) {
    this.#send = send;
  }

  tell(notice: Notice): void {
    const { type } = notice;
    if ('sessions' in notice) {
      // The next usage notice contains the usage of one that was skipped.
      if (this.#queue.some((waiting) => waiting.type === type)) return;
      for (const session of notice.sessions) this.#queue.push({ type, data: () => viewUsage(session) });
    } else this.#queue.push({ type, data: () => viewOf(notice) });
    if (!this.#timer) this.#pump();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #pump(): void {
    for (const { type, data } of this.#queue.splice(0, burst)) this.#send(type, data());
    this.#timer = this.#queue.length > 0 ? setTimeout(() => this.#pump(), pauseMs) : undefined;
  }
}

function viewOf(notice: Exclude<Notice, { readonly sessions: unknown }>): View {
  if ('session' in notice) return viewSession(notice.session);
  const { type: _, ...said } = notice;
  return said;
}
