import type { Level, Log } from '../ports/log.js';
import { type ConfigResult, readConfig } from '../wiring/schema.js';
import { workerFile } from './besides.js';
import { command } from './command.js';
import { configOptions, demandFile } from './config-file.js';
import { ended, jailIsLeft } from './ended.js';
import { explain } from './failure.js';
import { onHangUp } from './hang-up.js';
import { commandLog } from './log.js';

export const run = command({
  name: 'run',
  summary: 'runs the daemon in the foreground',
  args: [],
  options: {
    ...configOptions,
    syslog: {
      says: 'logs as procd passes it on to syslog: news on standard output, warnings on standard error',
    },
  },
  details: `
SIGHUP reads the configuration again. SIGTERM writes everything down and leaves the gates as they are. The log is on
standard error; log_level in the configuration says how much of it there is.`,
  async run({ options: { config: file, syslog } }) {
    demandFile(file);
    let level: Level = 'info';
    const log = commandLog(() => level, { syslog });
    const load = () => {
      const result = readConfig(file);
      const config = result.ok ? result.config : result.sound;
      if (config) level = config.main.logLevel;
      return result;
    };
    const first = load();
    const found = first.ok ? first.config : first.sound;
    if (found && !found.main.enabled) {
      log('info', `turnpike is switched off in ${file}`);
      return 0;
    }
    return serve(load, log, file);
  },
});

/** @returns the exit code, when the daemon has stopped or cannot start */
async function serve(load: () => ConfigResult, log: Log, file: string): Promise<number> {
  const end = ended(jailIsLeft());
  const reload = onHangUp(log);
  const { ConfigError, startDaemon } = await import('../main.js');
  try {
    const daemon = await startDaemon({ load, log, worker: workerFile(), place: { file, uci: 'uci' } });
    reload.of(daemon);
    await end;
    await daemon.stop();
    return 0;
  } catch (cause) {
    const why = cause instanceof ConfigError ? cause.message : explain(cause);
    if (why === undefined) throw cause;
    for (const line of why.split('\n')) log('error', line);
    return 1;
  }
}
