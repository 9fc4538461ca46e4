import { text } from 'node:stream/consumers';
import { mayPass, type Started, start } from './start.js';

/**
 * Why nft did not do as asked. `missing`: it cannot be started. `failed`: not for now, as without memory. `refused`: it said
 * no, see the message.
 */
export class NftError extends Error {
  readonly code: 'missing' | 'failed' | 'refused' | 'timeout';

  constructor(code: NftError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'NftError';
    this.code = code;
  }
}

/** Runs nft with these arguments and this script on its standard input; gives what it printed. */
export type Nft = (args: readonly string[], script?: string) => Promise<string>;

/**
 * How long nft may take, in ms. For 10,000 sessions it needs 1 s on a fast processor; the rest is for a slow,
 * busy one.
 */
const limitMs = 30_000;

/**
 * The nft program at `file`, started for each call with no shell in between. `started`: told of each process.
 * @throws {@link NftError} from the calls.
 */
export function nftAt(file: string, started?: (pid: number) => void): Nft {
  return async (args, script = '') => {
    const child = startedAt(file, args);
    if (child.pid !== undefined) started?.(child.pid);
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    // A program that ends before it has read everything says why on its standard error.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
    try {
      const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (code === 0) return out;
      if (isLate) throw new NftError('timeout', `nft was not done within ${limitMs / 1000} s`);
      throw new NftError('refused', complaint.trim().split('\n')[0] || `nft ended with ${code}`);
    } catch (cause) {
      if (cause instanceof NftError) throw cause;
      throw notStarted(file, cause);
    } finally {
      clearTimeout(late);
    }
  };
}

function startedAt(file: string, args: readonly string[]): Started {
  try {
    return start(file, args);
  } catch (cause) {
    throw notStarted(file, cause);
  }
}

function notStarted(file: string, cause: unknown): NftError {
  const why = mayPass(cause) ? 'failed' : 'missing';
  return new NftError(why, `cannot start ${file}: ${(cause as Error).message}`, cause);
}
