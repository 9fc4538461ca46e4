// A chain, facilitators, a wallet of the package and a router's backend, with proxies between them.
import { x402Client } from '@x402/core/client';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { Anvil, chainId, keyOf } from '../../../../packages/simulators/anvil.js';
import { Contract } from '../../../../packages/simulators/contract.js';
import type { Outcome, PaymentOrder, Wares } from '../../../../src/domain/deposit-scheme.js';
import { ChainReader } from '../../../../src/payments/wallet/chain-reader.js';
import { ExactBackend, type ExactOptions } from '../../../../src/payments/wallet/exact/backend.js';
import { FacilitatorClient } from '../../../../src/payments/wallet/facilitator-client.js';
import { httpRpc } from '../../../../src/payments/wallet/rpc.js';
import type { Token } from '../../../../src/payments/wallet/token.js';

import { purse, Scene, tokenDomain } from '../../../contracts/scene.js';
import { NodeProxy } from '../../../rig/proxy.js';
import { until } from '../../../rig/until.js';
import { FacilitatorServer } from './server.js';

/** 0.50 in steps of 0.05. */
export const wares: Wares = { units: 10n, unitPrice: 50_000n, description: 'ten steps' };
export const price = wares.units * wares.unitPrice;

/** What a wallet makes of requirements with the package's own client. */
export async function payWith(
  account: PrivateKeyAccount,
  asked: PaymentRequirements,
): Promise<PaymentPayload> {
  const schemes = [{ network: 'eip155:*' as const, client: new ExactEvmScheme(account) }];
  const client = x402Client.fromConfig({ schemes, spendControls: false });
  const resource = { url: 'http://portal.example/', description: '', mimeType: 'text/html' };
  return client.createPaymentPayload({ x402Version: 2, resource, accepts: [asked] });
}

export class Room {
  readonly scene: Scene;
  /** Between the router and its node, and between the facilitators and theirs. */
  readonly node: NodeProxy;
  readonly theirs: NodeProxy;
  readonly first: FacilitatorServer;
  readonly second: FacilitatorServer;
  readonly buyer = privateKeyToAccount(keyOf(1));
  readonly reader: ChainReader;

  private constructor(scene: Scene, proxies: [NodeProxy, NodeProxy], servers: FacilitatorServer[]) {
    this.scene = scene;
    [this.node, this.theirs] = proxies;
    [this.first, this.second] = servers as [FacilitatorServer, FacilitatorServer];
    this.reader = new ChainReader(httpRpc(this.node.url, 20_000), { chainId: BigInt(chainId) });
  }

  /** @param args of anvil */
  static async start(...args: string[]): Promise<Room> {
    const chain = await Anvil.start(...args);
    const scene = await Scene.on(chain);
    await etch(chain, await Contract.deploy(chain, 'Multicall'), multicallAt);
    const proxies = [await NodeProxy.start(chain.url), await NodeProxy.start(chain.url)] as const;
    const servers = [7, 6].map((account) => FacilitatorServer.start(proxies[1].url, account));
    return new Room(scene, [...proxies], await Promise.all(servers));
  }

  get chain(): Anvil {
    return this.scene.chain;
  }

  get token(): Token {
    const { address } = this.scene.token;
    return { address, ...tokenDomain, currency: 'USD', decimals: 6 };
  }

  client(): FacilitatorClient {
    return new FacilitatorClient([this.first, this.second]);
  }

  exact(over: Partial<ExactOptions> = {}): ExactBackend {
    const { reader: chain, token } = this;
    const payTo = this.scene.seller.address.toLowerCase() as `0x${string}`;
    return new ExactBackend({ chain, facilitator: this.client(), token, payTo, finality: 3, ...over });
  }

  /** What the wallet signs, read by a backend. */
  async order(backend: ExactBackend): Promise<PaymentOrder> {
    const payload = await payWith(this.buyer, backend.requirements(wares));
    const read = await backend.read({ payload }, wares);
    if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
    return read.value.order;
  }

  /** What buyer and seller have at first. */
  readonly full = [purse, 0n];

  /** What buyer and seller have. */
  async purses(): Promise<bigint[]> {
    return (await this.scene.balances()).slice(0, 2);
  }

  /** Nobody loses anything any more, and both facilitators listen. */
  heal(): void {
    for (const proxy of [this.node, this.theirs]) proxy.lose = () => undefined;
    for (const server of [this.first, this.second]) server.fault = () => undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([this.first, this.second, this.node, this.theirs].map((part) => part.stop()));
    await this.chain.stop();
  }
}

export const multicallAt = '0xcA11bde05977b3631167028862bE2a173976CA11';

/** Puts a contract's code where others expect it. */
export async function etch(chain: Anvil, contract: Contract, at: string): Promise<void> {
  const code = await chain.rpc<string>('eth_getCode', [contract.address, 'latest']);
  await chain.rpc('anvil_setCode', [at, code]);
}

/** Makes a call again and again, as the engine does, until it is known what came of it. */
export function untilKnown<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const look = async () => {
    const outcome = await call();
    return outcome.kind === 'confirmed' || outcome.kind === 'rejected' ? outcome : undefined;
  };
  return until('an outcome that is known', look);
}
