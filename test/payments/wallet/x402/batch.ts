// The batch-settlement contracts, a wallet of the package that pays into channels, and a router's backend.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { BatchSettlementEvmScheme, signVoucher } from '@x402/evm/batch-settlement/client';
import { test } from 'uvu';
import { privateKeyToAccount } from 'viem/accounts';
import { anvilFile, chainId, keyOf } from '../../../../packages/simulators/anvil.js';
import { type Artifact, Contract } from '../../../../packages/simulators/contract.js';
import { randomWord } from '../../../../packages/simulators/wallet.js';
import type { Opened, PaymentOrder, SignedUnits } from '../../../../src/domain/deposit-scheme.js';
import { BatchBackend } from '../../../../src/payments/wallet/batch/backend.js';
import { batchAddress, collectorAddress } from '../../../../src/payments/wallet/batch/channel.js';
import type { BatchOptions } from '../../../../src/payments/wallet/batch/options.js';
import type { Address, Hex } from '../../../../src/payments/wallet/typed-data.js';

import { onChain } from '../../../rig/on-chain.js';
import { etch, type Room, wares } from './room.js';

const folder = process.env.X402_ARTIFACTS;
const names = ['x402BatchSettlement', 'ERC3009DepositCollector'] as const;
const files = names.map((name) => join(folder ?? '', `${name}.json`));
const isGiven = folder !== undefined && files.every((file) => existsSync(file));

/** Adds a test that needs the contracts, which are not the project's. */
export function onBatchChain(name: string, run: () => Promise<void>): void {
  if (isGiven) return void onChain(name, run);
  console.log(`  SKIPPED, X402_ARTIFACTS names no folder with ${names.join('.json, ')}.json: ${name}`);
  test.skip(name);
}

export const canRun = isGiven && anvilFile !== undefined;

/** Puts the contracts where they are on public chains. @returns the one that holds the money */
export async function deployBatch({ chain }: Room): Promise<Contract> {
  const [settlement, collector] = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Artifact);
  const contract = await Contract.create(chain, settlement!);
  await etch(chain, contract, batchAddress);
  await etch(chain, await Contract.create(chain, collector!, batchAddress), collectorAddress);
  return contract.at(batchAddress);
}

export const authorizerKey = keyOf(5);
export const network = `eip155:${chainId}` as const;

export function batchBackend(room: Room, over: Partial<BatchOptions> = {}): BatchBackend {
  return new BatchBackend({
    chain: room.reader,
    facilitator: room.client(),
    token: room.token,
    payTo: room.scene.seller.address.toLowerCase() as Address,
    key: authorizerKey,
    withdrawDelaySeconds: 86_400,
    marginSeconds: 600,
    finality: 0,
    ...over,
  });
}

/** A customer's wallet: the package's client, with a new channel for each purchase. */
export class ChannelWallet {
  readonly account = privateKeyToAccount(keyOf(1));
  readonly salt = randomWord();
  readonly #scheme = new BatchSettlementEvmScheme(this.account, { salt: this.salt });

  /** A deposit of what is asked for, and a voucher for all of it. */
  async pay(asked: PaymentRequirements): Promise<PaymentPayload> {
    const { payload } = await this.#scheme.createPaymentPayload(2, asked);
    return { x402Version: 2, accepted: asked, payload };
  }

  /** The same with a voucher for a part. */
  async payPart(asked: PaymentRequirements, amount: bigint): Promise<PaymentPayload> {
    const full = await this.pay(asked);
    const voucher = await this.voucher((full.payload.voucher as { channelId: Hex }).channelId, amount);
    return { ...full, payload: { ...full.payload, voucher } };
  }

  voucher(channelId: Hex, amount: bigint) {
    return signVoucher(this.account, channelId, `${amount}`, network);
  }
}

/** A purchase as far as it has come. */
export interface Bought {
  readonly wallet: ChannelWallet;
  readonly order: PaymentOrder;
  readonly signed: SignedUnits;
}

/** Reads what a wallet signs for `units` of the wares. */
export async function buy(backend: BatchBackend, units = wares.units): Promise<Bought> {
  const wallet = new ChannelWallet();
  const payload = await wallet.payPart(backend.requirements(wares), units * wares.unitPrice);
  const read = await backend.read({ payload }, wares);
  if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
  return { wallet, ...read.value };
}

/** A further voucher, read. */
export async function sign(
  backend: BatchBackend,
  { wallet, order, signed }: Bought,
  opened: Opened,
  units: bigint,
): Promise<SignedUnits> {
  const voucher = await wallet.voucher(order.id as Hex, units * wares.unitPrice);
  const read = await backend.readSignature(order, opened, { voucher }, signed);
  if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
  return read.value;
}
