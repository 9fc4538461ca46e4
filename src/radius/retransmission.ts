/** When an unanswered request is sent again, and when it is given up (RFC 5080 §2.2.1). Times in ms. */
export interface Retransmission {
  /** Wait after the first transmission. */
  readonly irt: number;
  /** The longest wait between two. */
  readonly mrt: number;
  /** Transmissions in all, at one server. */
  readonly mrc: number;
  /** The longest time from the call to its end, at all servers together. */
  readonly mrd: number;
}

export const rfc5080: Retransmission = { irt: 2_000, mrt: 16_000, mrc: 5, mrd: 30_000 };

/** Each wait is longer or shorter by up to this share, so that clients that began together do not repeat together. */
const jitter = 0.1;

/**
 * The wait after a transmission, in ms.
 * @param previous the wait before it; undefined after the first
 * @param random from 0 to 1
 */
export function nextWait(
  previous: number | undefined,
  { irt, mrt }: Retransmission,
  random: () => number,
): number {
  if (previous === undefined) return spread(irt, random);
  const doubled = previous + spread(previous, random);
  return doubled > mrt ? spread(mrt, random) : doubled;
}

/** `ms` and up to a tenth more or less. */
export function spread(ms: number, random: () => number): number {
  return ms * (1 + (2 * random() - 1) * jitter);
}
