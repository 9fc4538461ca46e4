// A facilitator in this process, on the chain of a scene, and what its clients see of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { privateKeyToAccount } from 'viem/accounts';
import { Anvil, anvilFile, chainId, keyOf } from '../../packages/simulators/anvil.js';
import type { FacilitatorConfig } from '../../src/facilitator/config.js';
import { type Facilitator, startFacilitator } from '../../src/facilitator/main.js';
import type { Hex, SessionTerms } from '../../src/payments/wallet/typed-data.js';
import type { CreateRequest } from '../../src/payments/wallet/wire.js';
import type { Log } from '../../src/ports/log.js';
import { always, Scene, tokenDomain } from '../contracts/scene.js';

export const network = `eip155:${chainId}`;

/** A reply: the body's members beside the HTTP status. */
export interface Reply {
  readonly status: number;
  readonly [member: string]: unknown;
}

type NetworkConfig = FacilitatorConfig['networks'][string];
export type Change = Partial<FacilitatorConfig> & {
  readonly network?: Partial<NetworkConfig>;
};

/** Seven is the first of the accounts that pay for gas: nobody else in the tests uses it. */
export const gasKeys = [keyOf(7), keyOf(6)];

export function configOf(scene: Scene, directory: string, change: Change = {}): FacilitatorConfig {
  const { network: networkChange, ...rest } = change;
  return {
    listen: { host: '127.0.0.1', port: 0 },
    directory,
    enableSessions: true,
    rateLimit: { max: 1_000_000, windowMs: 60_000 },
    trustProxy: false,
    closeExpiredMs: 0,
    requestTimeoutMs: 10_000,
    replyTimeoutMs: 10_000,
    expiryMarginSeconds: 600,
    authorizationMarginSeconds: 30,
    networks: {
      [network]: {
        rpcUrl: scene.chain.url,
        rpcTimeoutMs: 5000,
        escrow: scene.escrow.address,
        tokens: { [scene.token.address]: { decimals: 6, minDeposit: 0n, minCharge: 0n } },
        sellers: [scene.seller.address.toLowerCase() as Hex],
        gasPerSellerAndDay: 10_000_000_000n,
        keys: gasKeys.slice(0, 1),
        smartWallets: false,
        walletGas: 100_000n,
        confirmations: 1,
        pollMs: 20,
        stuckMs: 60_000,
        batchMs: 0,
        maxPending: 16,
        maxFeePerGas: 500_000_000_000n,
        gasLimit: 500_000n,
        logBlocks: 10_000,
        ...networkChange,
      },
    },
    ...rest,
  };
}

export class Shop {
  readonly scene: Scene;
  readonly directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  readonly lines: string[] = [];
  #facilitator: Facilitator | undefined;
  #change: Change;

  constructor(scene: Scene, change: Change = {}) {
    this.scene = scene;
    this.#change = change;
  }

  static async open(scene: Scene, change?: Change): Promise<Shop> {
    const shop = new Shop(scene, change);
    await shop.start();
    return shop;
  }

  readonly log: Log = (level, text) => void this.lines.push(`${level}: ${text}`);

  get url(): string {
    return this.#facilitator!.url;
  }

  get inject(): Facilitator['inject'] {
    return this.#facilitator!.inject;
  }

  async start(change: Change = this.#change): Promise<void> {
    this.#change = change;
    this.#facilitator = await startFacilitator(configOf(this.scene, this.directory, change), this.log);
  }

  async stop(): Promise<void> {
    await this.#facilitator?.stop();
    this.#facilitator = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async post(path: string, body: unknown): Promise<Reply> {
    return post(this.url + path, body);
  }

  async get(path: string): Promise<Reply> {
    const response = await fetch(this.url + path);
    return { ...((await response.json()) as object), status: response.status };
  }

  /** The request for a session of these terms, signed by the buyer. */
  request(terms: SessionTerms = this.scene.terms(), validity = always): Promise<CreateRequest> {
    return this.scene.buyer.createRequest(terms, tokenDomain, validity);
  }

  /** Opens a session. @returns its id */
  async session(terms?: SessionTerms): Promise<Hex> {
    const reply = await this.post('/session/create', await this.request(terms));
    if (reply.success !== true) throw new Error(JSON.stringify(reply));
    return reply.sessionId as Hex;
  }

  async consume(id: Hex, units: bigint, before: bigint): Promise<Reply> {
    return this.post('/session/consume', await this.scene.consumeRequest(id, units, before));
  }

  /** As the seller. */
  async finish(id: Hex, consumed: bigint): Promise<Reply> {
    return this.post('/session/close', await this.scene.seller.closeRequest(id, consumed));
  }

  /** Transactions that an account that pays for gas has sent. */
  async sent(key = gasKeys[0]!): Promise<number> {
    const { address } = privateKeyToAccount(key);
    return Number(await this.scene.chain.rpc('eth_getTransactionCount', [address, 'latest']));
  }
}

/** A new scene and a new facilitator for each test of a file, on one chain. */
export function withShop(use: (scene: Scene, shop: Shop) => void): void {
  if (!anvilFile) return;
  let chain: Anvil | undefined;
  let shop: Shop | undefined;
  test.before(async () => {
    chain = await Anvil.start();
  });
  test.before.each(async () => {
    const scene = await Scene.on(chain!);
    shop = await Shop.open(scene);
    use(scene, shop);
  });
  test.after.each(() => shop?.close());
  test.after(() => chain?.stop());
}

/** Status and code of a reply. */
export function told(reply: Reply): string {
  return `${reply.status} ${reply.code ?? 'ok'}`;
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  return { ...((await response.json()) as object), status: response.status };
}

/** Transactions that the node holds and has not mined. */
export async function pendingIn(scene: Scene): Promise<number> {
  const { pending } = await scene.chain.rpc<{ pending: string }>('txpool_status');
  return Number(pending);
}
