import type { Address, Hex, Terms } from './typed-data.js';

/** An account that signs, such as one of viem's. */
export interface Signer {
  readonly address: Address;
  signTypedData(message: {
    domain: Record<string, unknown>;
    types: Record<string, unknown>;
    primaryType: string;
    message: Record<string, unknown>;
  }): Promise<Hex>;
}

/** x402 payment requirements, as far as they are read. */
export interface Requirements {
  readonly scheme: string;
  /** CAIP-2. */
  readonly network: string;
  readonly asset: string;
  readonly amount: string;
  readonly payTo: string;
  readonly maxTimeoutSeconds: number;
  readonly extra: Record<string, unknown>;
}

/** Requirements that nothing is signed for. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

/** The highest number that the contract has (`uint256`). */
const highest = 2n ** 256n - 1n;

/** What is asked of a wallet. Accounts as they came. */
export interface Asked {
  readonly chainId: number;
  /** The contract, which holds the deposit. */
  readonly escrow: Address;
  readonly escrowDomain: { readonly name: string; readonly version: string };
  readonly tokenDomain: { readonly name: string; readonly version: string };
  readonly terms: Omit<Terms, 'salt'>;
  readonly units: bigint;
}

/**
 * Reads requirements and makes sure that they fit together: the deposit goes to the contract whose terms are signed,
 * and pays for as many units as it says.
 * @throws {@link SessionError}
 */
export function readRequirements(requirements: Requirements): Asked {
  const { network, asset, amount, payTo, maxTimeoutSeconds, extra } = requirements;
  demand(typeof extra === 'object' && extra !== null, 'extra must be an object');
  const isTime = Number.isSafeInteger(maxTimeoutSeconds) && maxTimeoutSeconds > 0;
  demand(isTime, 'maxTimeoutSeconds must be whole seconds');
  const chainId = Number(/^eip155:(\d{1,15})$/.exec(network)?.[1]);
  const domain = (extra.escrow ?? {}) as Record<string, unknown>;
  const escrow = accountOf(domain.verifyingContract, 'extra.escrow.verifyingContract');
  demand(extra.type === 'prepaid', 'only prepaid sessions are paid for');
  demand(chainId > 0 && domain.chainId === chainId, `the contract must be on ${network}`);
  demand(
    domain.name === 'SessionEscrow' && domain.version === '2',
    'the contract must be a SessionEscrow of version 2',
  );
  demand(
    accountOf(payTo, 'payTo').toLowerCase() === escrow.toLowerCase(),
    'the deposit must go to the contract',
  );
  const [totalDeposit, pricePerUnit] = [
    uintOf(amount, 'amount'),
    uintOf(extra.pricePerUnit, 'extra.pricePerUnit'),
  ];
  const units = uintOf(extra.maxUnits, 'extra.maxUnits');
  demand(
    units > 0n && units * pricePerUnit === totalDeposit,
    'the deposit must pay for all units, and no more',
  );
  return {
    ...{ chainId, escrow, units },
    escrowDomain: { name: 'SessionEscrow', version: '2' },
    tokenDomain: { name: textOf(extra.name, 'extra.name'), version: textOf(extra.version, 'extra.version') },
    terms: {
      ...{ totalDeposit, pricePerUnit },
      seller: accountOf(extra.seller, 'extra.seller'),
      token: accountOf(asset, 'asset'),
      duration: uintOf(extra.duration, 'extra.duration'),
    },
  };
}

function demand(fact: boolean, message: string): asserts fact {
  if (!fact) throw new SessionError(message);
}

function accountOf(value: unknown, name: string): Address {
  const isAccount = typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value);
  demand(isAccount, `${name} must be an account`);
  return value as Address;
}

function uintOf(value: unknown, name: string): bigint {
  const isNumber = typeof value === 'string' && /^(?:0|[1-9]\d{0,77})$/.test(value);
  demand(isNumber && BigInt(value) <= highest, `${name} must be a decimal number of 256 bits`);
  return BigInt(value as string);
}

function textOf(value: unknown, name: string): string {
  demand(typeof value === 'string' && value !== '', `${name} must be a text`);
  return value as string;
}
