import { type Testimony, testified } from '../domain/testimony.js';
import { isNear, type Piece } from './piece.js';
import type { Pieces } from './pieces.js';
import { countersOf } from './quotas.js';
import { type Ruleset, restBytes } from './ruleset.js';
import type { Witness } from './witness.js';

/**
 * Counts for sessions whose counters are not in the table that was found what connections say that they moved since
 * these were read last. @returns the sessions that moved more than was known
 */
export async function recovered(
  pieces: Pieces,
  found: Ruleset,
  witness: Witness | undefined,
): Promise<string[]> {
  const lost = [...pieces.all].filter((piece) => piece.hold.live && isLost(piece, pieces, found));
  if (lost.length === 0 || !witness) return [];
  const testimonies = await witness.hear();
  return lost.flatMap(({ index, hold, ...rest }) => {
    const testimony = testimonies.get(index)?.(hold.id);
    // What the kernel drops at a cap is in the connections' bytes.
    if (!testimony || isNear({ index, hold, ...rest }, testimony.counted)) return [];
    const known = pieces.countOf(hold.id);
    const counted = testified(known, hold.away ? rested(testimony) : testimony, hold);
    if (counted.up + counted.down === known.up + known.down) return [];
    pieces.noteCount(hold.id, counted);
    return [hold.id];
  });
}

/** Of a device that is away: what comes in and is dropped is in the connections' bytes, too, while it sends nothing. */
function rested(testimony: Testimony): Testimony {
  const { up, down } = testimony.moved;
  return up > 0 ? testimony : { ...testimony, moved: { up, down: Math.min(down, restBytes) } };
}

/** A counter is gone, or says less than it did. */
function isLost(piece: Piece, pieces: Pieces, { counters }: Ruleset): boolean {
  const [up, down] = countersOf(piece).map((name) => counters.get(name) ?? -1);
  const known = pieces.countOf(piece.hold.id);
  return up! < known.up || down! < known.down;
}
