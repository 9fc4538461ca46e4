import { listCommand } from '../src/portals/ndsctl/commands.js';
import { type Patience, patienceFor } from '../src/portals/ndsctl/patience.js';

/** The time that the last look took is waited for beyond the usual, up to so many ms. */
const mostExtraMs = 10_000;
/** A look ends by itself some ms before it is called off. */
const spareMs = 500;

/** How long a look waits for a portal that took `lastMs` for the last one. @param over what is not as usual */
export function patienceOfLook(lastMs: number, over: Partial<Patience> = {}): Patience {
  const usual = { ...patienceFor(listCommand), ...over };
  const extraMs = Math.min(lastMs, mostExtraMs);
  return { ...usual, silenceMs: usual.silenceMs + extraMs, wholeMs: usual.wholeMs + extraMs };
}

/** After how many ms a look with that patience is called off. */
export function limitOfLook({ turnMs, wholeMs }: Patience): number {
  return turnMs + wholeMs + spareMs;
}
