import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mnemonicToAccount } from 'viem/accounts';
import { encodeFunctionData, toHex } from 'viem/utils';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';
import { Anvil, chainId } from './anvil.js';
import { Wallet } from './wallet.js';

interface Artifact {
  readonly abi: Parameters<typeof encodeFunctionData>[0]['abi'];
  readonly bytecode: Hex;
}

/** What buyer, seller and escrow have, in the token's smallest unit. */
export interface Balances {
  readonly buyer: bigint;
  readonly seller: bigint;
  readonly escrow: bigint;
}

/** The EIP-712 domain of the demo's token is asked of it by the router; this is what people call it. */
export const currency = 'TUSD';
export const decimals = 6;
/** 10.00, which the buyer has at first. */
const purse = 10_000_000n;

/** A chain with the escrow, a token, and a buyer who has some of it. */
export class DemoChain {
  readonly anvil: Anvil;
  readonly escrow: Address;
  readonly token: Address;
  readonly buyer: Wallet;
  readonly seller: Wallet;

  private constructor(anvil: Anvil, escrow: Address, token: Address) {
    this.anvil = anvil;
    this.escrow = escrow;
    this.token = token;
    const place = { chainId, escrow };
    this.buyer = new Wallet(keyOf(1), place);
    this.seller = new Wallet(keyOf(2), place);
  }

  static async start(): Promise<DemoChain> {
    const anvil = await Anvil.start();
    try {
      const escrow = await deploy(anvil, 'SessionEscrow');
      const chain = new DemoChain(anvil, escrow, await deploy(anvil, 'TestToken'));
      await chain.#send('mint', [chain.buyer.address, purse]);
      return chain;
    } catch (cause) {
      await anvil.stop();
      throw cause;
    }
  }

  async balances(): Promise<Balances> {
    const [buyer, seller, escrow] = [this.buyer.address, this.seller.address, this.escrow];
    const all = await Promise.all([buyer, seller, escrow].map((account) => this.#balance(account)));
    return { buyer: all[0]!, seller: all[1]!, escrow: all[2]! };
  }

  async #balance(account: Address): Promise<bigint> {
    const call = { to: this.token, data: this.#encode('balanceOf', [account]) };
    return BigInt(await this.anvil.rpc<Hex>('eth_call', [call, 'latest']));
  }

  async #send(functionName: string, args: unknown[]): Promise<void> {
    const [from] = await this.anvil.accounts();
    const call = { from, to: this.token, data: this.#encode(functionName, args) };
    await this.anvil.rpc('eth_sendTransactionSync', [call]);
  }

  #encode(functionName: string, args: unknown[]): Hex {
    return encodeFunctionData({ abi: artifact('TestToken').abi, functionName, args });
  }
}

/** Keys of the accounts that anvil makes: public, and worth nothing. */
export function keyOf(index: number): Hex {
  const account = mnemonicToAccount(`${'test '.repeat(11)}junk`, { addressIndex: index });
  return toHex(account.getHdKey().privateKey!);
}

async function deploy(anvil: Anvil, name: string): Promise<Address> {
  const [from] = await anvil.accounts();
  const call = { from, data: artifact(name).bytecode };
  const { contractAddress } = await anvil.rpc<{ contractAddress: Address }>('eth_sendTransactionSync', [
    call,
  ]);
  return contractAddress.toLowerCase() as Address;
}

/** Beside the bundle, in the project's folder. */
function artifact(name: string): Artifact {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'contracts', 'artifacts');
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Artifact;
}
