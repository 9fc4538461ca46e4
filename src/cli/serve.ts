import type { Log } from '../ports/log.js';
import { usage } from './command.js';
import { demandFile } from './config-file.js';
import { ended } from './ended.js';
import { commandLog } from './log.js';

/** Runs a server by a configuration file; undefined for a faulty one, which is logged. */
type Server = (file: string, log: Log) => Promise<{ stop(): Promise<void> } | undefined>;

/** The option of every server's command. */
export const serverOptions = { config: { value: 'FILE', says: 'its configuration, JSON; needed' } } as const;

/**
 * Runs a server until SIGTERM.
 * @param load its program, which is asked for when there is a file
 * @returns the exit code
 */
export async function serve(config: string | undefined, load: () => Promise<Server>): Promise<number> {
  if (config === undefined) throw usage('--config FILE is missing');
  demandFile(config);
  const run = await load();
  const end = ended();
  const running = await run(
    config,
    commandLog(() => 'info'),
  );
  if (!running) return 1;
  await end;
  await running.stop();
  return 0;
}
