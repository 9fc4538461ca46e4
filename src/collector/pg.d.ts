// The part of the driver that is used here; it brings no types of its own.
declare module 'pg' {
  interface PoolClient {
    query(
      sql: string,
      parameters?: readonly unknown[],
    ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
    /** With an error, the connection is closed instead of kept. */
    release(error?: Error): void;
    on(event: 'error', listener: (cause: Error) => void): this;
  }

  class Pool {
    constructor(options: { readonly connectionString: string; readonly max?: number });
    connect(): Promise<PoolClient>;
    end(): Promise<void>;
    on(event: 'error', listener: (cause: Error) => void): this;
    on(event: 'connect', listener: (client: PoolClient) => void): this;
  }
}
