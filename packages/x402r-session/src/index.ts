/** x402r sessions for any client of x402 version 2. */
export { type Client, type Registration, registerSessionScheme } from './register.js';
export type { Requirements, Signer } from './requirements.js';
export { SessionError } from './requirements.js';
export { type Deposit, type Options, type Payload, SessionEvmScheme } from './scheme.js';
export type { Address, Hex, Terms } from './typed-data.js';
