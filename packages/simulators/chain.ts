import type { Address } from '../../src/payments/wallet/typed-data.js';
import { type Anvil, chainId, keyOf } from './anvil.js';
import { Contract } from './contract.js';
import { Wallet } from './wallet.js';

/** `contracts/test/TestToken.sol`: its EIP-712 domain, what people call it, and its decimals. */
export const testToken = {
  domain: { name: 'Test USD', version: '2' },
  currency: 'TUSD',
  decimals: 6,
} as const;

/** A chain with the escrow, a token, a seller, and a buyer who has some of the token. */
export class EscrowChain {
  readonly chain: Anvil;
  readonly escrow: Contract;
  readonly token: Contract;
  readonly buyer: Wallet;
  readonly seller: Wallet;
  /** Takes no part in any deposit. */
  readonly stranger: Address;

  constructor(chain: Anvil, escrow: Contract, token: Contract) {
    this.chain = chain;
    this.escrow = escrow;
    this.token = token;
    this.buyer = this.wallet(1);
    this.seller = this.wallet(2);
    this.stranger = this.wallet(3).address;
  }

  /**
   * Deploys escrow and token on a chain.
   * @param purse what the buyer has at first, in the token's smallest unit
   * @param kind of token, by its name in `contracts/artifacts`
   */
  static async deploy(chain: Anvil, purse: bigint, kind = 'TestToken'): Promise<EscrowChain> {
    const escrow = await Contract.deploy(chain, 'SessionEscrow');
    const made = new EscrowChain(chain, escrow, await Contract.deploy(chain, kind));
    await made.token.must(made.stranger, 'mint', made.buyer.address, purse);
    return made;
  }

  /** The wallet of one of the chain's accounts, 0 to 7. */
  wallet(index: number): Wallet {
    return new Wallet(keyOf(index), { chainId, escrow: this.escrow.address });
  }

  /** What an account has, in the token's smallest unit. */
  balance(account: Address): Promise<bigint> {
    return this.token.read('balanceOf', account);
  }
}
