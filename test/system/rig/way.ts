import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial } from 'node:net';

/** A way to a port that can be cut, or stop taking anything. */
export interface Way {
  readonly port: number;
  /** Octets go no further, and are not read: as behind a line that takes nothing. */
  stall(): void;
  flow(): void;
  /** Ends the connections, and takes no more until {@link open}. */
  cut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function wayTo(target: number): Promise<Way> {
  const pairs = new Set<readonly [ReturnType<typeof dial>, ReturnType<typeof dial>]>();
  let [stalled, isOpen] = [false, true];
  const server = createServer((near) => {
    const far = dial(target, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from
        .on('error', () => {})
        .once('close', () => {
          pairs.delete(pair);
          to.destroy();
        });
      from.pipe(to);
      if (stalled) from.pause();
    }
    if (!isOpen) near.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (one: ReturnType<typeof dial>) => void) => {
    for (const pair of pairs) for (const one of pair) act(one);
  };
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      stalled = true;
      each((one) => one.unpipe().pause());
    },
    flow() {
      stalled = false;
      for (const [near, far] of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    cut() {
      isOpen = false;
      each((one) => one.destroy());
    },
    open() {
      isOpen = true;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      each((one) => one.destroy());
      await closed;
    },
  };
}
