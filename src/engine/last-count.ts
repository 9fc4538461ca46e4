import type { Counted } from '../domain/hold.js';
import type { Clock } from '../ports/clock.js';
import type { Kernel } from '../ports/kernel.js';

/** Before each further try, in ms: whoever buys anew on the same device waits as long. */
const waitsMs = [100, 400, 1_000];

/** An nft that hangs is asked no more: one that waits for its turn on a slow router is, in ms since the first try. */
const mostMs = 10_000;

/**
 * What the kernel has counted of a session that lets nothing pass any more. A kernel that cannot be read for a moment, as
 * for want of memory, is asked again: what is not counted now is billed to nobody.
 */
export async function lastCount(kernel: Kernel, id: string, clock: Clock): Promise<Counted | undefined> {
  const began = clock.mono();
  for (const wait of waitsMs) {
    const counted = await kernel.count(id);
    const isFailing = kernel.status.state === 'failed' && clock.mono() - began < mostMs;
    if (counted || !isFailing) return counted;
    await new Promise<void>((resolve) => clock.after(wait, resolve));
  }
  return kernel.count(id);
}
