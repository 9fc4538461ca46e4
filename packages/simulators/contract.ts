import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Abi } from 'viem';
import {
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeEventTopics,
  encodeFunctionData,
  parseEventLogs,
} from 'viem/utils';
import { RpcError } from '../../src/payments/wallet/rpc.js';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';
import type { Anvil } from './anvil.js';

/** A contract as `npm run contracts` compiled it. */
export interface Artifact {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

interface Receipt {
  readonly status: string;
  readonly contractAddress: Address;
  readonly transactionHash: Hex;
  readonly gasUsed: Hex;
  readonly logs: [];
}

/** What a call did: its events by name, or the contract's reason to refuse it. */
export type Outcome =
  | { readonly ok: true; readonly hash: Hex; readonly gas: bigint; readonly events: Record<string, object[]> }
  | { readonly ok: false; readonly reason: string };

/** Why a call was refused, or `done`. */
export function reasonOf(outcome: Outcome): string {
  return outcome.ok ? 'done' : outcome.reason;
}

/**
 * A contract by its name in `contracts/artifacts`.
 * @throws Error outside of a checkout
 */
export function artifact(name: string): Artifact {
  return JSON.parse(readFileSync(join(artifactFolder(), `${name}.json`), 'utf8')) as Artifact;
}

/** In the nearest folder above this file that has it: the build for tests lies deeper than the bundle. */
function artifactFolder(): string {
  const wanted = join('contracts', 'artifacts');
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, wanted))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`no folder above ${import.meta.dirname} has ${wanted}`);
    folder = above;
  }
  return join(folder, wanted);
}

/** Between two questions for a receipt, in ms: a block takes anvil a few. */
const askAgainMs = 5;
/** A chain that has mined nothing after so many milliseconds mines no more. */
const mostMs = 120_000;

/**
 * Sends a transaction and waits for its receipt. Not by `eth_sendTransactionSync`: one call in some thousand
 * hangs (anvil 1.7.1).
 * @throws RpcError; Error when it is not mined
 */
async function mined(chain: Anvil, call: object): Promise<Receipt> {
  const hash = await chain.rpc<Hex>('eth_sendTransaction', [call]);
  const began = performance.now();
  while (performance.now() - began < mostMs) {
    const receipt = await chain.rpc<Receipt | null>('eth_getTransactionReceipt', [hash]);
    if (receipt) return receipt;
    await delay(askAgainMs);
  }
  throw new Error(`transaction ${hash} is not mined`);
}

/** A contract on a test chain, called from the chain's unlocked accounts. */
export class Contract {
  readonly address: Address;
  readonly #chain: Anvil;
  readonly #abi: Abi;

  private constructor(chain: Anvil, abi: Abi, address: Address) {
    this.#chain = chain;
    this.#abi = abi;
    this.address = address;
  }

  static deploy(chain: Anvil, name: string, ...args: unknown[]): Promise<Contract> {
    return Contract.create(chain, artifact(name), ...args);
  }

  /** Deploys what others have compiled. */
  static async create(chain: Anvil, { abi, bytecode }: Artifact, ...args: unknown[]): Promise<Contract> {
    const [from] = await chain.accounts();
    const data = encodeDeployData({ abi, bytecode, args });
    const { contractAddress } = await mined(chain, { from, data });
    return new Contract(chain, abi, contractAddress.toLowerCase() as Address);
  }

  /** The same contract at another address. */
  at(address: Address): Contract {
    return new Contract(this.#chain, this.#abi, address);
  }

  encode(method: string, ...args: unknown[]): Hex {
    return encodeFunctionData({ abi: this.#abi, functionName: method, args });
  }

  /** The first topic of an event's logs. */
  topic(event: string): Hex {
    return encodeEventTopics({ abi: this.#abi, eventName: event })[0] as Hex;
  }

  /** Sends a transaction and mines it, also one that reverts. */
  async send(from: Address, method: string, ...args: unknown[]): Promise<Outcome> {
    const call = { from, to: this.address, data: this.encode(method, ...args) };
    const receipt = await mined(this.#chain, call);
    if (receipt.status !== '0x1') return { ok: false, reason: await this.#reasonOf(call) };
    const { transactionHash: hash, gasUsed } = receipt;
    return { ok: true, hash, gas: BigInt(gasUsed), events: this.#eventsOf(receipt) };
  }

  /** Sends a transaction that must succeed. */
  async must(from: Address, method: string, ...args: unknown[]): Promise<Extract<Outcome, { ok: true }>> {
    const outcome = await this.send(from, method, ...args);
    if (!outcome.ok) throw new Error(`${method}: ${outcome.reason}`);
    return outcome;
  }

  async read<T>(method: string, ...args: unknown[]): Promise<T> {
    const data = await this.#chain.rpc<Hex>('eth_call', [
      { to: this.address, data: this.encode(method, ...args) },
      'latest',
    ]);
    return decodeFunctionResult({ abi: this.#abi, functionName: method, data }) as T;
  }

  #eventsOf(receipt: Receipt): Record<string, object[]> {
    const events: Record<string, object[]> = {};
    for (const log of parseEventLogs({ abi: this.#abi, logs: receipt.logs })) {
      const { eventName, args } = log as unknown as { eventName: string; args: object };
      events[eventName] = [...(events[eventName] ?? []), args];
    }
    return events;
  }

  /** Why a call reverts: the name of the contract's error, or its text. */
  async #reasonOf(call: object): Promise<string> {
    const cause = await this.#chain.rpc('eth_call', [call, 'latest']).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(cause instanceof RpcError) || cause.data === undefined) return 'reverted';
    try {
      const { errorName, args } = decodeErrorResult({ abi: this.#abi, data: cause.data });
      return errorName === 'Error' ? String(args?.[0]) : errorName;
    } catch {
      return cause.data;
    }
  }
}
