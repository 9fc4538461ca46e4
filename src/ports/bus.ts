/** Takes back a subscription. Never rejects. */
export type Unsubscribe = () => Promise<void>;

/** What others offer on ubus. Every call rejects while there is no connection, or when it is not answered. */
export interface Bus {
  /** The objects whose path begins with what stands before the final `*` of a pattern. */
  list(pattern: string): Promise<readonly { readonly path: string }[]>;
  call(
    path: string,
    method: string,
    args: Record<string, never>,
    options: { readonly timeoutMs: number },
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Hears the object's notifications whenever it is there. */
  subscribe(
    path: string,
    hear: (type: string, data: Readonly<Record<string, unknown>>) => void,
  ): Promise<Unsubscribe>;
}
