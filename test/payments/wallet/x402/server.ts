// The facilitator of @x402/core and @x402/evm behind ten lines of HTTP, which lose and garble what they are told to.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { x402Facilitator } from '@x402/core/facilitator';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { type FacilitatorEvmSigner, toFacilitatorEvmSigner } from '@x402/evm';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/facilitator';
import { ExactEvmScheme } from '@x402/evm/exact/facilitator';
import { createWalletClient, defineChain, http, publicActions } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { chainId, keyOf } from '../../../../packages/simulators/anvil.js';

/**
 * `there`: the request is lost on its way. `back`: it is carried out, and its reply is lost. Else another reply in place
 * of its own, before or after it is carried out.
 */
export type Fault = 'there' | 'back' | Garbled;
interface Garbled {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly carriedOut?: boolean;
}

interface Body {
  readonly paymentPayload: PaymentPayload;
  readonly paymentRequirements: PaymentRequirements;
}

/** Signs and pays for gas as an account that is nobody's else in the tests. */
function signerAt(url: string, index: number): FacilitatorEvmSigner {
  const account = privateKeyToAccount(keyOf(index));
  const nativeCurrency = { name: 'Ether', symbol: 'ETH', decimals: 18 };
  const chain = defineChain({
    id: chainId,
    name: 'test',
    nativeCurrency,
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url, { retryCount: 0, timeout: 20_000 });
  const client = createWalletClient({ account, chain, transport, pollingInterval: 20 }).extend(publicActions);
  return toFacilitatorEvmSigner({ ...client, address: account.address } as never, {
    confirmationTimeoutMs: 3000,
  });
}

export class FacilitatorServer {
  /** Says of each request what becomes of it, by its path. */
  fault: (path: string) => Fault | undefined = () => undefined;
  /** Requests that came in, by path. */
  readonly requests: string[] = [];
  readonly #facilitator = new x402Facilitator();
  #port = 0;
  #server: Server | undefined;

  private constructor(node: string, gasAccount: number) {
    const signer = signerAt(node, gasAccount);
    this.#facilitator.register(`eip155:${chainId}`, new ExactEvmScheme(signer));
    this.#facilitator.register(`eip155:${chainId}`, new BatchSettlementEvmScheme(signer));
  }

  /** @param node URL of its node; @param gasAccount an account of the chain that is nobody's else */
  static async start(node: string, gasAccount: number): Promise<FacilitatorServer> {
    const server = new FacilitatorServer(node, gasAccount);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, again at the same port after a stop. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** The next request of this path has this fault, then all is well. */
  next(path: string, fault: Fault): void {
    this.fault = (asked) => {
      if (asked !== path) return undefined;
      this.fault = () => undefined;
      return fault;
    };
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    let text = '';
    for await (const chunk of request) text += chunk;
    this.requests.push(path);
    const fault = this.fault(path);
    if (fault === 'there') return void request.socket.destroy();
    const isGarbled = typeof fault === 'object';
    const { status, body } = isGarbled && !fault.carriedOut ? fault500 : await this.#answer(path, text);
    if (fault === 'back') return void request.socket.destroy();
    if (isGarbled) return void response.writeHead(fault.status, fault.headers).end(fault.text);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  async #answer(path: string, text: string): Promise<{ status: number; body: object }> {
    try {
      if (path === '/supported') return { status: 200, body: this.#facilitator.getSupported() };
      const { paymentPayload, paymentRequirements } = JSON.parse(text) as Body;
      const act = path === '/verify' ? 'verify' : 'settle';
      return { status: 200, body: await this.#facilitator[act](paymentPayload, paymentRequirements) };
    } catch (cause) {
      return { status: 500, body: { error: String(cause) } };
    }
  }
}

const fault500 = { status: 500, body: {} };
