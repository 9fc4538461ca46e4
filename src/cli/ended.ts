/**
 * Resolves at the first request to end, SIGTERM or SIGINT; the event loop is kept alive until then. A second SIGINT, from
 * somebody at a terminal, ends the process at once; a second SIGTERM does not: a router that is switched off sends one to
 * everybody while usage is still being written.
 */
export function ended(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 0x7fff_ffff);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const listen = signal === 'SIGINT' ? process.once : process.on;
      listen.call(process, signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}
