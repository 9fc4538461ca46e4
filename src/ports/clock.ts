/** Time as turnpike sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds that only ever go forward, from any start. */
  mono(): number;
  /** Milliseconds since 1970 as the router believes; may jump. */
  wall(): number;
  /** Runs `task` once after `ms`; the returned function takes it back. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}
