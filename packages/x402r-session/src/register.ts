import type { Signer } from './requirements.js';
import { type Options, SessionEvmScheme } from './scheme.js';

type Network = `${string}:${string}`;

/** What is needed of `x402Client` of `@x402/core`. */
export interface Client {
  register(network: Network, scheme: SessionEvmScheme): unknown;
}

/** Who pays, where, and into which contracts. */
export interface Registration extends Options {
  readonly signer: Signer;
  /** CAIP-2 ids or patterns. @default all chains of Ethereum's kind, `eip155:*` */
  readonly networks?: readonly Network[];
}

/** Lets a client pay by x402r sessions, beside the schemes that it has. @returns the client */
export function registerSessionScheme<C extends Client>(
  client: C,
  { signer, networks = ['eip155:*'], ...options }: Registration,
): C {
  const scheme = new SessionEvmScheme(signer, options);
  for (const network of networks) client.register(network, scheme);
  return client;
}
