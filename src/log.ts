import type { Level, Log } from './ports/log.js';

const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** syslog's numbers: procd and logd read a `<N>` at the start of a line as its severity. */
const severity: Readonly<Record<Level, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/** A log to `write`, from `least` on, one line for each call. `syslog`: lines begin with a severity instead of a word. */
export function logTo(write: (line: string) => void, least: () => Level, syslog: boolean): Log {
  return (level, text) => {
    if (levels.indexOf(level) < levels.indexOf(least())) return;
    const line = text.replaceAll('\n', ' | ');
    write(syslog ? `<${severity[level]}>${line}\n` : `${level}: ${line}\n`);
  };
}
