import type { UbusError } from './error.js';

/** How a client is made. */
export interface UbusOptions {
  /** Path of ubusd's socket. @default the first of /var/run/ubus/ubus.sock and /var/run/ubus.sock that exists */
  readonly socket?: string | undefined;
  /** How long an answer may take, in milliseconds. @default 30000 */
  readonly callTimeoutMs?: number;
  /**
   * Waits before it connects or announces again, in milliseconds: doubled from the first to the last.
   * @default { minMs: 100, maxMs: 5000 }
   */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /**
   * Told of what no call could throw: a handler or a listener of yours that threw, an object that ubusd refused when it
   * was announced again, a message that cannot be read. @default process.emitWarning
   */
  readonly onError?: (error: UbusError) => void;
  /** There is a connection, and what was published, subscribed to and listened for has been announced on it. */
  readonly onConnected?: () => void;
  /** The connection was lost, and a new one is tried for; not told of {@link UbusClient.close}. */
  readonly onDisconnected?: (cause: Error | undefined) => void;
}
