// How long the machine stood still: what a test measures in time or bytes is not to blame for that.

/** How often this process looks at the time, in ms. */
const tickMs = 20;
/** A look that is later than this was kept from being made, in ms. */
const lateMs = 100;

let lost = 0;
let last = performance.now();

function late(): number {
  const gap = performance.now() - last;
  return gap > lateMs ? gap - tickMs : 0;
}

setInterval(() => {
  lost += late();
  last = performance.now();
}, tickMs).unref();

/** For how long this process has not run since it began though it had to, in ms: the machine stood still, or had no time for it. */
export function stoodStill(): number {
  return lost + late();
}
