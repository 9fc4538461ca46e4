/** Levels of a log line as in syslog, gravest last. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Takes a line for the log. Never give it a secret. */
export type Log = (level: Level, text: string) => void;
