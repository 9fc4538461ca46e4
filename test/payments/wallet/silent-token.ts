// A node with one token, which has no method that says its name or its version.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { numberToHex, toFunctionSelector } from 'viem/utils';
import { tokenSeparator } from '../../../src/payments/wallet/token.js';

export const address = `0x${'aa'.repeat(20)}` as const;
export const domain = { name: 'Quiet Dollar', version: '7' };
const [chainId, decimals] = [31337, 6];
const [decimalsOf, separatorOf] = ['decimals()', 'DOMAIN_SEPARATOR()'].map((name) =>
  toFunctionSelector(name),
);

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly { readonly data?: string }[];
}

export class SilentToken {
  /** Answers wait for it. */
  hold: Promise<void> = Promise.resolve();
  /** It answers as a proxy does whose node is away. */
  isBroken = false;
  /** How often it was asked for its decimals. */
  asked = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<SilentToken> {
    const node = new SilentToken();
    await new Promise<void>((resolve) => node.#server.listen(0, '127.0.0.1', resolve));
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call: Call = JSON.parse(body);
    if (call.params[0]?.data === decimalsOf) this.asked += 1;
    await this.hold;
    if (this.isBroken) {
      response.writeHead(502).end('bad gateway');
      return;
    }
    const result = resultOf(call);
    const error = { code: 3, message: 'execution reverted', data: '0x' };
    const reply = { jsonrpc: '2.0', id: call.id, ...(result === undefined ? { error } : { result }) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }
}

function resultOf({ method, params }: Call): unknown {
  if (method === 'eth_chainId') return numberToHex(chainId);
  if (method === 'eth_getBlockByNumber') return { number: '0x1', timestamp: '0x1' };
  if (method === 'eth_getLogs') return [];
  const data = params[0]?.data;
  if (data === decimalsOf) return numberToHex(decimals, { size: 32 });
  return data === separatorOf ? tokenSeparator({ address, ...domain }, BigInt(chainId)) : undefined;
}
