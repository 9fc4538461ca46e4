import type { EscrowConfig } from '../../../src/payments/wallet/section.js';
import { loadConfig } from '../../../src/wiring/schema.js';
import { address, domain } from './silent-token.js';

const payTo = `0x${'bb'.repeat(20)}`;

/** Wallets that pay by `exact`, on a node with the silent token. */
export function exactOn(rpc: string, facilitator = 'http://127.0.0.1:9'): EscrowConfig {
  const options = {
    ...{ enabled: '1', method: 'x402-exact', facilitator, rpc },
    ...{ network: 'eip155:31337', currency: 'USDC 6', token: address, pay_to: payTo },
    ...{ token_name: domain.name, token_version: domain.version },
  };
  const lines = Object.entries(options).map(([name, value]) => `\toption ${name} '${value}'\n`);
  const text = `config gateway 'lan'\n\toption type 'opennds'\nconfig escrow 'escrow'\n${lines.join('')}`;
  const result = loadConfig(text, 'f');
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.config.upstreams.escrow as EscrowConfig;
}
