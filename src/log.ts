import type { Level, Log } from './ports/log.js';

const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** Severities of syslog (RFC 5424 §6.2.1), which systemd's journal reads as `<N>` at the start of a line (sd-daemon(3)). */
const severity: Readonly<Record<Level, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/**
 * A log to `write`, from `least` on, one line for each call. Lines begin with their level in a word; for a `journal`
 * with its number instead.
 */
export function logTo(
  write: (line: string, level: Level) => void,
  least: () => Level,
  journal: boolean,
): Log {
  return (level, text) => {
    if (levels.indexOf(level) < levels.indexOf(least())) return;
    const line = text.replaceAll('\n', ' | ');
    write(journal ? `<${severity[level]}>${line}\n` : `${level}: ${line}\n`, level);
  };
}
