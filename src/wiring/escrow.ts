import type { EscrowConfig } from '../config/escrow.js';
import type { Upstream } from '../upstream/sink.js';
import type { UpstreamParts } from './builders.js';

/** Takes deposits by the configured backends. */
export async function startEscrow(_config: EscrowConfig, _parts: UpstreamParts): Promise<Upstream> {
  throw new Error('not wired yet');
}
