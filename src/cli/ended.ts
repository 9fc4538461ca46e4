/**
 * Resolves at the first request to end, SIGTERM or SIGINT; the event loop is kept alive until then. A second one ends
 * the process at once.
 */
export function ended(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 0x7fff_ffff);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}
