// A bus to test on, and clients of it that are closed when their test is over.
import { type PublishedObject, UbusClient, UbusError } from 'openwrt-ubus';
import * as assert from 'uvu/assert';

export interface Daemon {
  readonly socket: string;
  stop(): Promise<void>;
  /** Listens again on the same socket. */
  start(): Promise<void>;
}

export interface Context {
  daemon: Daemon;
  clients: UbusClient[];
}

/** Resolves with the value that `take` is called with first. */
export function once<T>(): { take: (value: T) => void; value: Promise<T> } {
  let take: (value: T) => void = () => {};
  const value = new Promise<T>((resolve) => {
    take = resolve;
  });
  return { take, value };
}

export async function connect(
  c: Context,
  over: Partial<ConstructorParameters<typeof UbusClient>[0]> = {},
): Promise<UbusClient> {
  const reconnect = { minMs: 10, maxMs: 50 };
  const client = new UbusClient({ socket: c.daemon.socket, callTimeoutMs: 60_000, reconnect, ...over });
  c.clients.push(client);
  await client.connect();
  return client;
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (cause) {
    assert.instance(cause, UbusError);
    return (cause as UbusError).code;
  }
}

export function demo(client: UbusClient, path = 'demo'): Promise<PublishedObject> {
  return client.publish({
    path,
    methods: {
      echo: {
        args: { text: 'string', list: 'array', table: 'table', n: 'int32' },
        handler: (args) => ({ got: args }),
      },
      nothing: { args: {}, handler: () => undefined },
      later: { args: {}, handler: () => new Promise((done) => setImmediate(() => done({ late: true }))) },
      never: { args: {}, handler: () => new Promise(() => {}) },
      deny: {
        args: {},
        handler: () => {
          throw new UbusError('permission_denied', 'no');
        },
      },
      crash: {
        args: {},
        handler: () => {
          throw new Error('a bug');
        },
      },
      big: { args: {}, handler: () => ({ text: 'x'.repeat(260_000) }) },
      huge: { args: {}, handler: () => ({ text: 'x'.repeat(2_000_000) }) },
      who: { args: {}, handler: (_args, caller) => ({ peer: caller.peer }) },
    },
  });
}
