/** How often a jailed daemon looks whether its jail is still there, in ms. */
const lookEvery = 5_000;
/** The longest that a timer waits, in ms. */
const seldom = 0x7fff_ffff;

/**
 * Resolves at the first request to end, SIGTERM or SIGINT; the event loop is kept alive until then. A second SIGINT, from
 * somebody at a terminal, ends the process at once; a second SIGTERM does not: a router that is switched off sends one to
 * everybody while usage is still being written.
 * @param isLeft whether nobody is left who could ask: then it resolves, too
 * @param every how often that is looked at, in ms
 */
export function ended(isLeft?: () => boolean, every = lookEvery): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    const look = () => {
      if (isLeft?.()) end();
    };
    const alive = setInterval(look, isLeft ? every : seldom);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const listen = signal === 'SIGINT' ? process.once : process.on;
      listen.call(process, signal, end);
    }
  });
}

/**
 * For a daemon in procd's jail: whether `ujail`, which hands it procd's signals, was killed. Up to OpenWrt 24.10 the daemon
 * lives on then, holds the journal, and whatever procd starts in its place finds that in use until procd gives up.
 * @returns undefined outside a jail
 */
export function jailIsLeft(
  env: { readonly container?: string | undefined } = process.env,
  parent = () => process.ppid,
): (() => boolean) | undefined {
  if (env.container !== 'ujail') return undefined;
  const jail = parent();
  return () => parent() !== jail;
}
