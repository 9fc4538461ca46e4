export interface Options {
  /** Fewer rounds and sizes: under a minute. */
  readonly quick: boolean;
}
