import { choice, currency, flag, type Kind, kindOf, span, text, whole } from '../../config/kind.js';
import { type Found, list, option, type Values } from '../../config/option.js';
import { type ConfigOf, type Faults, section } from '../../config/section.js';

/** The ways to hold a customer's money, by the names of their payment methods. */
const method = choice({
  'x402r-session': 'a deposit for a session, whose rest goes back',
  'x402-exact': 'a package, paid whole and at once',
  'x402-batch': 'a deposit in a channel, whose rest goes back',
});

const url = text(/^https?:\/\/[^\s@/]+(?:\/\S{0,200})?$/, 'an address such as https://host');
const line = text(/^[^\p{Cc}]{1,64}$/u, 'one line of 1 to 64 characters');
const account = hex(40);
const caip2 = /^eip155:([1-9]\d{0,14})$/;
/** An EVM chain as CAIP-2 names it; `id` is its chain id. */
const network = kindOf('a network such as eip155:8453', (given) => {
  const [name, digits] = caip2.exec(given) ?? [];
  return name === undefined ? undefined : { name, id: Number(digits) };
});

const options = {
  method: list(method, {
    default: ['x402r-session'],
    examples: ['x402r-session', 'x402-exact'],
    help: 'The ways in which wallets can pay.',
  }),
  facilitator: option(url, {
    needed: true,
    example: 'https://facilitator.example.net',
    help: 'The facilitator: the server that brings to the chain what was signed, and pays the gas.',
  }),
  facilitator2: option(url, {
    absent: 'nobody else is asked',
    example: 'https://facilitator2.example.net',
    help: 'Another facilitator, asked when the first one does not answer.',
  }),
  x402_facilitator: option(url, {
    absent: 'the facilitators above',
    example: 'https://x402.example.net',
    help: 'A facilitator of x402, for `x402-exact` and `x402-batch`.',
  }),
  rpc: option(url, {
    needed: true,
    example: 'https://rpc.example.net',
    help: 'A node of the network. What a facilitator says is believed when this node shows the same.',
  }),
  network: option(network, {
    needed: true,
    example: 'eip155:8453',
    help: 'The chain that customers pay on, by its CAIP-2 name. eip155:8453 is Base.',
  }),
  currency: option(currency, {
    needed: true,
    example: 'USDC 6',
    help: 'The token that customers pay in, as prices name it, and its decimals.',
  }),
  token: option(account, {
    needed: true,
    example: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    help: 'The contract of the token.',
  }),
  token_name: option(line, {
    absent: 'the contract is asked',
    example: 'USD Coin',
    help: 'The name of the token in what wallets sign (EIP-712).',
  }),
  token_version: option(line, {
    absent: 'the contract is asked',
    example: '2',
    help: 'The version of the token in what wallets sign (EIP-712).',
  }),
  contract: option(account, {
    neededIf: '`method` has x402r-session',
    example: '0x...',
    help: 'The escrow contract, which holds the money of a session.',
  }),
  pay_to: option(account, {
    needed: true,
    example: '0x...',
    help: 'The account of the seller, which customers pay to. With `x402-exact` and `x402-batch` each router needs an account and a key of its own: their payments do not say which router they are for.',
  }),
  duration: option(span('1h', '365d'), {
    default: '24h',
    help: 'A deposit expires this long after it was made. With `x402-batch` after 30d at most.',
  }),
  margin: option(span('10min', '24h'), {
    default: '10min',
    help: 'How long before its deposit expires a session ends, so that the deposit is settled in time.',
  }),
  charge_interval: option(span('1min', '24h'), {
    default: '10min',
    help: 'What was used is charged this often. Each charge costs the facilitator gas; what is not charged is lost when the router is off until the deposit expires.',
  }),
  confirmations: option(whole(1, 1000), {
    default: '3',
    help: 'Blocks on top of a deposit after which it is final. Until then it is sent again if the chain loses it.',
  }),
};

const secrets = {
  key: option(hex(64), {
    neededIf: '`method` has x402r-session or x402-batch',
    example: '0x...',
    help: 'The key of the seller, which signs what is charged.',
  }),
};

/** `config escrow 'escrow'`: where customers pay in with a wallet, and who brings that to the chain. */
export const escrow = section({
  type: 'escrow',
  name: 'escrow',
  about:
    'Payment with a wallet: customers pay a deposit, are charged for what they use, and have the rest back.',
  enabled: option(flag, { default: '0', help: '1: customers can pay with a wallet.' }),
  ...{ options, secrets, check },
  make: escrowOf,
  tills: ({ methods, currency, decimals }) =>
    methods.map((name) => ({ name, currencies: new Map([[currency, decimals]]) })),
});

export type EscrowConfig = ConfigOf<typeof escrow>;

/** The contract of x402-batch lets payers take their money back after this long at the latest, in ms. */
const longestBatch = 30 * 86_400_000;

function check(found: Found<typeof options>, faults: Faults): void {
  const { method: methods, margin, duration } = found;
  if (methods.includes('x402r-session')) faults.demand('contract');
  if (methods.some((one) => one !== 'x402-exact')) faults.demand('key');
  if (methods.includes('x402-batch') && duration > longestBatch)
    faults.fault('conflict', 'with method x402-batch it must be 30d at most', 'duration');
  if (margin >= duration) faults.fault('conflict', 'margin is as long as duration', 'margin');
}

function escrowOf(values: Values<typeof options & typeof secrets>) {
  const {
    method: methods,
    facilitator,
    facilitator2,
    x402Facilitator,
    network,
    currency,
    ...others
  } = values;
  const { tokenName, tokenVersion, ...rest } = others;
  const facilitators = [facilitator, ...(facilitator2 === undefined ? [] : [facilitator2])];
  return {
    ...rest,
    methods: [...new Set(methods)],
    facilitators,
    x402Facilitators: x402Facilitator === undefined ? facilitators : [x402Facilitator],
    network: network.name,
    chainId: network.id,
    currency: currency.code,
    decimals: currency.decimals,
    /** What of the token's EIP-712 domain the contract is not asked for. */
    tokenDomain: {
      ...(tokenName !== undefined && { name: tokenName }),
      ...(tokenVersion !== undefined && { version: tokenVersion }),
    },
  };
}

/** `0x` and so many hexadecimal digits, in lower case: so they are compared. */
function hex(digits: number): Kind<`0x${string}`> {
  const form = new RegExp(`^0x([0-9a-f]{${digits}})$`, 'i');
  return {
    ...kindOf(`0x and ${digits} hexadecimal digits`, (given): `0x${string}` | undefined => {
      const [, found] = form.exec(given) ?? [];
      return found === undefined ? undefined : `0x${found.toLowerCase()}`;
    }),
    isPrivate: true,
  };
}
