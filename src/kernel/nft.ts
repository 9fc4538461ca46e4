import { outputOf, ProgramError } from '../programs/output.js';

/** Why nft did not do as asked: see {@link ProgramError}. */
export class NftError extends ProgramError {
  override readonly name = 'NftError';
}

/** Runs nft with these arguments and this script on its standard input; gives what it printed. */
export type Nft = (args: readonly string[], script?: string) => Promise<string>;

/**
 * How long nft may take, in ms. For 10,000 sessions it needs 1 s on a fast processor; the rest is for a slow,
 * busy one.
 */
const limitMs = 30_000;

/**
 * The nft program at `file`. `started`: told of each process.
 * @throws {@link NftError} from the calls.
 */
export function nftAt(file: string, started?: (pid: number) => void): Nft {
  return async (args, script) => {
    try {
      return String(await outputOf('nft', { file, args, script, limitMs, started }));
    } catch (cause) {
      if (cause instanceof ProgramError) throw new NftError(cause.code, cause.message, cause);
      throw cause;
    }
  };
}
