/**
 * Classes of SQLSTATE that blame what was given: data exceptions, integrity constraints, limits of a row or an index
 * (PostgreSQL, appendix A).
 */
const dataClasses = /^(?:22|23|54)[0-9A-Z]{3}$/;
/**
 * check_violation: no table has a check but that of its partitions. A day's partition came while the row was on its way
 * to the one for all other days; the next time it goes to the new one.
 */
const partitionCame = '23514';
/** The driver of SQLite has no codes: its words for SQLITE_CONSTRAINT, SQLITE_MISMATCH and SQLITE_TOOBIG. */
const dataWords = /constraint failed|^datatype mismatch$|^string or blob too big$/;

/**
 * Whether a database refuses a message for what is in it, and would do so again. Any other error is the database's own
 * trouble: a connection that ended, a restart, a full disk.
 */
export function isRefusal(cause: unknown): boolean {
  const { name, code, message } = (cause ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  if (name === 'SQLite3Error') return dataWords.test(String(message));
  return typeof code === 'string' && code !== partitionCame && dataClasses.test(code);
}
