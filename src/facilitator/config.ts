import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import { reasonOf, systemErrorOf } from '../system-error.js';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an account')
  .transform((text) => text.toLowerCase() as Address);

/** In a token's smallest unit. */
const amount = z.string().regex(/^\d{1,29}$/, 'must be a decimal string');

/** A value that may be secret. It stands in a file or in the environment, never in the configuration itself. */
const secret = z.union([z.strictObject({ file: z.string() }), z.strictObject({ env: z.string() })]);

const network = z.strictObject({
  /** A node's JSON-RPC over HTTP; `{env}` or `{file}` where the address has a key in it. */
  rpc: z.union([z.url(), secret]),
  rpcTimeoutMs: z.int().min(100).max(60_000).default(10_000),
  escrow: address,
  /** Tokens that sessions may be paid in. `decimals` must be what the token says. */
  tokens: z.record(
    address,
    z.strictObject({
      decimals: z.int().min(0).max(36),
      /** The smallest deposit, and the least that a charge must add, in the token's smallest unit. */
      minDeposit: amount.default('0').transform(BigInt),
      minCharge: amount.default('0').transform(BigInt),
    }),
  ),
  /** Sellers that gas is paid for. `any` serves strangers, up to their gas of a day. */
  sellers: z.union([z.literal('any'), z.array(address).min(1)]),
  /** The gas that is paid for one seller in a day (UTC); half of it for opening sessions and payments by x402. */
  gasPerSellerAndDay: z.int().min(100_000).default(50_000_000).transform(BigInt),
  /** Private keys that pay for gas. Nobody else may send with them. */
  signers: z.array(secret).min(1).max(64),
  /**
   * Whether signatures of contracts (ERC-1271) are taken. Such a contract can make this server pay gas for nothing: once
   * an hour, out of its seller's gas.
   */
  smartWallets: z.boolean().default(false),
  /** The most gas that a contract may need to check one signature. */
  walletGas: z.int().min(10_000).max(1_000_000).default(100_000).transform(BigInt),
  /** Blocks that a transaction must have, its own among them, before it is believed. */
  confirmations: z.int().min(1).max(1000).default(3),
  /** How often the chain is asked about operations under way, in ms. */
  pollMs: z.int().min(10).max(60_000).default(1000),
  /** A transaction that is not mined after this time, in ms, is sent again with a higher fee. */
  stuckMs: z.int().min(100).default(30_000),
  /** How long a charge or a close waits for others of its seller, which then share a transaction, in ms. */
  batchMs: z.int().min(0).max(5000).default(100),
  /** The most transactions of one signer that wait to be mined. */
  maxPending: z.int().min(1).max(64).default(16),
  /** The highest price of a unit of gas that is paid, in wei. */
  maxFeePerGas: z
    .string()
    .regex(/^\d{1,20}$/)
    .default('500000000000')
    .transform(BigInt),
  /** The most gas that a call may need; a call that needs more is not sent. */
  gasLimit: z.int().min(100_000).max(10_000_000).default(500_000).transform(BigInt),
  /** How many blocks back from the newest one events are looked for. */
  logBlocks: z.int().min(1).default(10_000),
});

const schema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535).default(8402) })
    .prefault({}),
  /** Where the database is. One process at a time. */
  directory: z.string().min(1),
  /** Lets its bearer list the sessions of every account: 16 characters or more. */
  operatorToken: secret.optional(),
  /** Whether new sessions are opened; those that exist are always served, for there is money in them. */
  enableSessions: z.boolean().default(true),
  /** How often the server looks for sessions whose expiry and margin have passed, to close them, in ms; 0: never. */
  closeExpiredMs: z.int().min(0).max(86_400_000).default(60_000),
  /** Requests that one client may send in a window of `windowMs`. */
  rateLimit: z
    .strictObject({ max: z.int().min(1).default(120), windowMs: z.int().min(100).default(60_000) })
    .prefault({}),
  /**
   * Proxies whose `X-Forwarded-For` is believed: how many stand before this server, or their networks
   * (`["10.0.0.0/8"]`). What a client writes into that header itself is not.
   */
  trustProxy: z
    .union(
      [
        z.literal(false),
        z.int().min(1).max(8),
        z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])).min(1),
      ],
      {
        error: 'must be the number of proxies, their networks, or false: true would believe every client',
      },
    )
    .default(false),
  /** How long a client may take to send a request, head and body together, in ms. */
  requestTimeoutMs: z.int().min(1000).max(60_000).default(10_000),
  /** How long a reply waits for the chain, in ms; after that it is `settlement_pending`. */
  replyTimeoutMs: z.int().min(100).max(120_000).default(20_000),
  /**
   * How long before its expiry a session is not to be served any more, in seconds, so that it can be charged in time.
   */
  expiryMarginSeconds: z.int().min(0).max(86_400).default(600),
  /** How long an authorization must still be valid when it comes, in seconds, so that it can be mined. */
  authorizationMarginSeconds: z.int().min(0).max(3600).default(30),
  /** Networks by CAIP-2 id. */
  networks: z.record(z.string().regex(/^eip155:[1-9]\d{0,15}$/), network),
});

/** The facilitator's configuration, with secrets read. */
export type FacilitatorConfig = Omit<z.output<typeof schema>, 'networks' | 'operatorToken'> & {
  readonly operatorToken?: string | undefined;
  readonly networks: Readonly<Record<string, NetworkConfig>>;
};
export type NetworkConfig = Omit<z.output<typeof network>, 'rpc' | 'signers'> & {
  readonly rpcUrl: string;
  readonly keys: readonly Hex[];
};

export type ConfigResult =
  | { readonly ok: true; readonly config: FacilitatorConfig }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Reads a configuration: JSON, all faults reported together, none with a secret in it.
 * `ENABLE_SESSIONS` in the environment (`0`, `1`, `true`, `false`) goes before the file.
 */
export function readFacilitatorConfig(file: string, env: NodeJS.ProcessEnv): ConfigResult {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) return { ok: false, faults: parsed.error.issues.map(faultOf) };
    const { networks, ...rest } = parsed.data;
    const read = Object.entries(networks).map(([id, one]) => [id, withSecrets(one, env)] as const);
    const enableSessions = switchOf(env.ENABLE_SESSIONS) ?? rest.enableSessions;
    const operatorToken = rest.operatorToken && tokenOf(rest.operatorToken, env);
    const config = { ...rest, enableSessions, operatorToken, networks: Object.fromEntries(read) };
    return { ok: true, config };
  } catch (cause) {
    return { ok: false, faults: [unread(cause)] };
  }
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.')}: ${message}`;
}

/** The file of a secret may be what is missing. */
function unread(cause: unknown): string {
  if (cause instanceof SyntaxError) return `this is no JSON: ${cause.message}`;
  const path = systemErrorOf(cause)?.path;
  return `${path === undefined ? '' : `${path}: `}${reasonOf(cause)}`;
}

function withSecrets(one: z.output<typeof network>, env: NodeJS.ProcessEnv): NetworkConfig {
  const { rpc, signers, ...rest } = one;
  const rpcUrl = typeof rpc === 'string' ? rpc : secretOf(rpc, env);
  const keys = signers.map((place) => keyOf(place, env));
  if (new Set(keys).size < keys.length) throw new Error('signers: the same key twice');
  return { ...rest, rpcUrl, keys };
}

function keyOf(place: z.output<typeof secret>, env: NodeJS.ProcessEnv): Hex {
  const key = secretOf(place, env);
  if (!/^0x[0-9a-fA-F]{64}$/.test(key)) throw new Error(`no private key in ${JSON.stringify(place)}`);
  return key.toLowerCase() as Hex;
}

function tokenOf(place: z.output<typeof secret>, env: NodeJS.ProcessEnv): string {
  const token = secretOf(place, env);
  if (!/^\S{16,256}$/.test(token))
    throw new Error(`no token in ${JSON.stringify(place)}: 16 to 256 characters`);
  return token;
}

function secretOf(place: z.output<typeof secret>, env: NodeJS.ProcessEnv): string {
  const value = 'file' in place ? readFileSync(place.file, 'utf8') : env[place.env];
  if (!value) throw new Error(`nothing in ${JSON.stringify(place)}`);
  return value.trim();
}

function switchOf(text: string | undefined): boolean | undefined {
  const word = text?.trim().toLowerCase();
  if (!word) return undefined;
  if (['1', 'true', 'yes', 'on'].includes(word)) return true;
  if (['0', 'false', 'no', 'off'].includes(word)) return false;
  throw new Error('ENABLE_SESSIONS must be 0, 1, true or false');
}
