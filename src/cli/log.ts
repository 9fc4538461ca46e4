import { fstatSync } from 'node:fs';
import { logTo } from '../log.js';
import type { Level, Log } from '../ports/log.js';

/**
 * The log of a command that goes on until it is stopped: on standard error, a line each, from `least` on.
 *
 * `syslog`: for procd, which reads no level in a line but logs standard output as `info` and standard error as `err`
 * (service/instance.c); so `debug` and `info` go to standard output.
 */
export function commandLog(least: () => Level, { syslog = false } = {}): Log {
  const write = (line: string, level: Level) => {
    const isNews = level === 'debug' || level === 'info';
    (syslog && isNews ? process.stdout : process.stderr).write(line);
  };
  return logTo(write, least, isJournal(2));
}

/** Whether what is written there goes to systemd's journal, which names its stream (systemd.exec(5), JOURNAL_STREAM). */
function isJournal(fd: number): boolean {
  const { dev, ino } = fstatSync(fd);
  return process.env.JOURNAL_STREAM === `${dev}:${ino}`;
}
