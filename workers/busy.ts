/**
 * Begins to measure a piece of work that waits for nothing.
 *
 * While another process has the processor the wall clock goes on, and a thread of our own would help nobody; the clock of
 * this process also has what its other threads do. So the shorter of the two counts.
 * @returns how long it has had the processor so far, at the most, in ms
 */
export function busyTime(): () => number {
  const [began, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return Math.min(performance.now() - began, (user + system) / 1000);
  };
}
