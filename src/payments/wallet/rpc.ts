import { requestJson } from '../../http/request.js';
import { plainText } from './plain-text.js';
import type { Hex } from './typed-data.js';

/**
 * `unreachable`: no answer, or one that cannot be understood: the call may have been carried out.
 * `refused`: the node answered with an error: the call was not carried out.
 */
export type RpcCode = 'unreachable' | 'refused';

/** A call to a node that failed. Its message holds neither the node's address, which may have a key in it, nor data. */
export class RpcError extends Error {
  override readonly name: string = 'RpcError';
  readonly code: RpcCode;
  /** What a call that reverts answers with: an encoded error of the contract. */
  readonly data: Hex | undefined;

  constructor(code: RpcCode, message: string, options: { cause?: unknown; data?: Hex } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Calls a method of the node (JSON-RPC 2.0). */
export type Rpc = <T>(method: string, params?: readonly unknown[]) => Promise<T>;

/** Errors of JSON-RPC that say nothing of the call: internal error, and the limits of providers (EIP-1474). */
const vague = [-32603, -32005, -32002, 429];

/**
 * A JSON-RPC client over HTTP that never repeats a call.
 * Calls throw {@link RpcError}. @param timeoutMs for one call. @param silent told that a call had no answer
 */
export function httpRpc(url: string, timeoutMs: number, silent = () => {}): Rpc {
  let id = 0;
  return async <T>(method: string, params: readonly unknown[] = []) => {
    id += 1;
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const reply = await post(url, body, method, timeoutMs).catch((cause: unknown) => {
      silent();
      throw cause;
    });
    if (!reply.error) return reply.result as T;
    const { code, message, data } = reply.error;
    const hex = revertData(data);
    const refused = hex !== undefined || !vague.includes(code ?? 0);
    const text = `${method}: ${plainText(message)}`;
    throw new RpcError(refused ? 'refused' : 'unreachable', text, hex === undefined ? {} : { data: hex });
  };
}

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly code?: number; readonly message?: string; readonly data?: unknown } | null;
}

async function post(url: string, body: string, method: string, timeoutMs: number): Promise<Reply> {
  try {
    const { status, body: reply } = await requestJson(url, timeoutMs, body);
    if (typeof reply === 'object' && reply !== null && ('result' in reply || 'error' in reply))
      return reply as Reply;
    throw new Error(`status ${status}, and no JSON-RPC`);
  } catch (cause) {
    throw new RpcError('unreachable', `${method}: the node does not answer`, { cause });
  }
}

/** Nodes put it into `data`, some one level deeper. */
function revertData(data: unknown): Hex | undefined {
  const inner = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return typeof inner === 'string' && /^0x([0-9a-f]{2})*$/i.test(inner) ? (inner as Hex) : undefined;
}
