import { privateKeyToAccount } from 'viem/accounts';
import { verifyTypedData } from 'viem/utils';
import { batchAddress, batchSeparator, voucherDigest } from '../src/payments/wallet/batch/channel.js';
import { isSignedBy } from '../src/payments/wallet/signature.js';
import type { Hex } from '../src/payments/wallet/typed-data.js';
import type { Options } from './options.js';
import { type Pair, pairs } from './pairs.js';

export interface EscrowResult {
  /** Vouchers checked a second: `a` by the path used, `b` by viem's `verifyTypedData`. */
  readonly signatures: Pair;
}

const chainId = 8453;
const domain = { name: 'x402 Batch Settlement', version: '1', chainId, verifyingContract: batchAddress };
const types = {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
  ],
} as const;

/** Vouchers of one channel, each for more than the one before. */
export async function measureEscrow({ quick }: Options): Promise<EscrowResult> {
  const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
  const channelId: Hex = `0x${'17'.repeat(32)}`;
  const primaryType = 'Voucher' as const;
  const messages = Array.from({ length: 100 }, (_, i) => ({
    channelId,
    maxClaimableAmount: BigInt(i) * 1_000_000n,
  }));
  const vouchers = await Promise.all(
    messages.map(async (message) => ({
      message,
      signature: await account.signTypedData({ domain, types, primaryType, message }),
    })),
  );
  const separator = batchSeparator(BigInt(chainId));
  const rateOf = (check: (voucher: (typeof vouchers)[0]) => Promise<boolean>) => async () => {
    const started = performance.now();
    for (const voucher of vouchers) if (!(await check(voucher))) throw new Error('a good voucher is refused');
    return (vouchers.length * 1000) / (performance.now() - started);
  };
  const signatures = await pairs(
    quick ? 3 : 9,
    rateOf(({ message, signature }) =>
      isSignedBy(account.address, voucherDigest(separator, channelId, message.maxClaimableAmount), signature),
    ),
    rateOf(({ message, signature }) =>
      verifyTypedData({ address: account.address, domain, types, primaryType, message, signature }),
    ),
  );
  return { signatures };
}
