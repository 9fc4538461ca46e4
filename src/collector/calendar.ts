/** The last moment that JavaScript has a date for (ECMA-262 §21.4.1.1). */
const latest = 8.64e15;

/** A time in ms since 1970 as ISO 8601, UTC. What lies beyond all calendars is their last moment. */
export function isoTime(ms: number): string {
  return new Date(Math.min(ms, latest)).toISOString();
}
