import type { Daemon } from '../main.js';
import type { Log } from '../ports/log.js';
import { explain } from './failure.js';

/** SIGHUP reloads; one that comes while the daemon starts, which would end the process, does so afterwards. */
export function onHangUp(log: Log): { of(daemon: Pick<Daemon, 'reload'>): void } {
  let daemon: Pick<Daemon, 'reload'> | undefined;
  let missed = false;
  const reload = async (running: Pick<Daemon, 'reload'>) => {
    try {
      const reply = await running.reload();
      if (reply.error) log('error', JSON.stringify(reply));
    } catch (cause) {
      // Nobody waits for this: a rejection would end the process, and the metering of all customers with it.
      log('error', `the reload failed: ${explain(cause) ?? (cause as Error).stack}`);
    }
  };
  process.on('SIGHUP', () => {
    if (daemon) void reload(daemon);
    else missed = true;
  });
  return {
    of(started) {
      daemon = started;
      if (missed) void reload(started);
    },
  };
}
