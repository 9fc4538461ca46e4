import { outputOf, ProgramError } from '../programs/output.js';
import type { OwnWrites } from './own-writes.js';

/** Why nft did not do as asked: see {@link ProgramError}. */
export class NftError extends ProgramError {
  override readonly name = 'NftError';
}

/** nft has run, and has said no. */
export function isRefused(cause: unknown): cause is NftError {
  return cause instanceof NftError && cause.code === 'refused';
}

/** Runs nft with these arguments and this script on its standard input; gives what it printed. */
export type Nft = (args: readonly string[], script?: string) => Promise<string>;

/**
 * How long nft may take, in ms. For 10,000 sessions it needs 1 s on a fast processor; the rest is for a slow,
 * busy one.
 */
const limitMs = 30_000;

/**
 * The nft program at `file`. `own`: told of each process.
 * @throws {@link NftError} from the calls.
 */
export function nftAt(file: string, own?: OwnWrites): Nft {
  return async (args, script) => {
    const told = own?.begun();
    try {
      return String(await outputOf('nft', { file, args, script, limitMs, started: told }));
    } catch (cause) {
      if (cause instanceof ProgramError) throw new NftError(cause.code, cause.message, cause);
      throw cause;
    } finally {
      told?.();
    }
  };
}
