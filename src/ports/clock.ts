/**
 * How far a wall clock can be believed. `behind`: it shows an earlier time than the newest record, and what is believed
 * goes on from there. `unset`: the router has never heard the time.
 */
export type ClockState = 'set' | 'behind' | 'unset';

/** Time as turnpike sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds that only ever go forward, from any start. */
  mono(): number;
  /** Milliseconds since 1970 as the router believes; may jump. */
  wall(): number;
  /** @default set */
  readonly state?: ClockState;
  /** Runs `task` once after `ms`; the returned function takes it back. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}
