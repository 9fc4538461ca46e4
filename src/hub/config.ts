import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { reasonOf, systemErrorOf } from '../system-error.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { base64, secret, secretOf, secrets } from './secret.js';

const name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, _ and -');

/** How long an order waits for a router that is away, in seconds. */
const wait = z.int().min(1).max(2_592_000);
const logouts = z.strictObject({
  takes: z.literal('logouts'),
  ...{ secrets, validForSeconds: wait.default(3600) },
});
/** A provider's. The name of the hook is that of the routers' section `hook`, and of the payment method. */
const payments = z.strictObject({
  takes: z.literal('payments'),
  /** Standard Webhooks writes secrets as `whsec_` and base64; Stripe's are used as they are. */
  signature: z.enum(['standard', 'stripe']).default('standard'),
  /** Decimals of each currency there, as in the routers' configuration. */
  currencies: z.record(z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/), z.int().min(0).max(18)),
  // Routers know their orders for a week.
  ...{ secrets, validForSeconds: wait.default(604_800) },
});

/** Before there were payments, a hook did not say what it takes. */
const hook = z.preprocess(
  (given) => (typeof given === 'object' && given !== null ? { takes: 'logouts', ...given } : given),
  z.discriminatedUnion('takes', [logouts, payments]),
);

const schema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535).default(8404) })
    .prefault({}),
  /** The collector's: a SQLite file or `postgres://...`; `{env}` or `{file}` where a password is in it. */
  database: z.union([z.string().min(1), secret]).default('turnpike.sqlite'),
  broker: z.strictObject({
    url: z.string().regex(/^(?:mqtts?|wss?):\/\/[^\s@]+$/, 'must be a URL such as mqtts://host:8883'),
    /** As in the routers' configuration. */
    prefix: z
      .string()
      .regex(/^[^\s#+/\0$][^\s#+\0]{0,99}(?<!\/)$/, 'must be a topic')
      .default('turnpike'),
    clientId: name.default(`turnpike-hub-${hostname()}`.slice(0, 64)),
    /** The only version that is tried, 4 is 3.1.1; without it 5, and 3.1.1 where the broker does not take 5. */
    protocol: z.union([z.literal(5), z.literal(4)]).optional(),
    username: z.string().optional(),
    password: secret.optional(),
    /** Files: who may vouch for the broker, and the hub's certificate with its key. */
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
  }),
  /** Who may send messages, by the last part of their address, `POST /hooks/NAME`. */
  hooks: z.record(name, hook).default({}),
  /** Who is told what happens, by the operator's name for them. */
  webhooks: z.record(name, endpoint).default({}),
  /** How long a router is away before `router.offline` says so, in seconds. */
  offlineAfterSeconds: z.int().min(0).max(86_400).default(120),
  /** Who may ask: `see` reads, `order` gives orders to routers, too. */
  tokens: z
    .array(z.strictObject({ name, role: z.enum(['see', 'order']), token: secret }))
    .max(100)
    .default([]),
  /** Requests that one client may send in a window of `windowMs`. */
  rateLimit: z
    .strictObject({ max: z.int().min(1).default(300), windowMs: z.int().min(100).default(60_000) })
    .prefault({}),
  /** How many proxies stand before the hub, whose `X-Forwarded-For` is believed. */
  trustProxy: z.int().min(0).max(8).default(0),
  /** How long a client may take to send a request, in ms. */
  requestTimeoutMs: z.int().min(1000).max(60_000).default(10_000),
});

type Parsed = z.output<typeof schema>;

/** What a caller may do: `order` may do what `see` may. */
export type Role = 'see' | 'order';

/** Whose messages are taken. */
interface Signer {
  readonly secrets: readonly string[];
  readonly validForMs: number;
}

/** Who says that somebody has logged out elsewhere. */
export interface LogoutHook extends Signer {
  readonly takes: 'logouts';
}

/** Who says that an order is paid. */
export interface PaymentHook extends Signer {
  readonly takes: 'payments';
  readonly signature: 'standard' | 'stripe';
  /** Decimals of each currency. */
  readonly currencies: ReadonlyMap<string, number>;
}

export type Hook = LogoutHook | PaymentHook;

/** The broker that the routers are connected to. */
export type BrokerConfig = Omit<Parsed['broker'], 'password'> & { readonly password?: string };

/** The hub's configuration, with secrets read. */
export type HubConfig = Omit<Parsed, 'database' | 'broker' | 'hooks' | 'webhooks' | 'tokens'> & {
  readonly database: string;
  readonly broker: BrokerConfig;
  readonly hooks: ReadonlyMap<string, Hook>;
  readonly webhooks: ReadonlyMap<string, Endpoint>;
  readonly tokens: readonly { readonly name: string; readonly role: Role; readonly token: string }[];
};

export type ConfigResult =
  | { readonly ok: true; readonly config: HubConfig }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads a configuration: JSON, all faults reported together, none with a secret in it. */
export function readHubConfig(file: string, env: NodeJS.ProcessEnv): ConfigResult {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) {
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      return { ok: false, faults };
    }
    return { ok: true, config: withSecrets(parsed.data, env) };
  } catch (cause) {
    return { ok: false, faults: [unread(cause)] };
  }
}

function withSecrets(
  { database, broker, hooks, webhooks, tokens, ...rest }: Parsed,
  env: NodeJS.ProcessEnv,
): HubConfig {
  const { password, ...others } = broker;
  const read = (place: z.output<typeof secret>, form: RegExp, what: string) =>
    secretOf(place, env, form, what);
  const config: HubConfig = {
    ...rest,
    database: typeof database === 'string' ? database : read(database, /^.+$/, 'place of a database'),
    broker: { ...others, ...(password && { password: read(password, /^.+$/, 'password') }) },
    hooks: new Map(Object.entries(hooks).map(([name, hook]) => [name, hookOf(hook, read)])),
    webhooks: new Map(
      Object.entries(webhooks).map(([name, one]) => [
        name,
        { ...one, secrets: one.secrets.map((key) => read(key, base64, 'key in base64')) },
      ]),
    ),
    tokens: tokens.map(({ token, ...one }) => ({
      ...one,
      token: read(token, /^\S{16,256}$/, 'token of 16 to 256 characters'),
    })),
  };
  if (new Set(config.tokens.map(({ token }) => token)).size < tokens.length)
    throw new Error('tokens: the same token twice');
  const own = [...config.webhooks.values()].flatMap(({ secrets }) => secrets);
  const incoming = [...config.hooks.values()].flatMap(({ secrets }) => secrets);
  // Whoever has a secret can speak for all who have it.
  if (new Set(own).size < own.length || own.some((one) => incoming.includes(one)))
    throw new Error('webhooks: each endpoint needs a secret of its own, which no other one and no hook has');
  return config;
}

function hookOf(
  { secrets, validForSeconds, ...hook }: Parsed['hooks'][string],
  read: (place: z.output<typeof secret>, form: RegExp, what: string) => string,
): Hook {
  const signer = (form: RegExp, what: string) => ({
    secrets: secrets.map((one) => read(one, form, what)),
    validForMs: validForSeconds * 1000,
  });
  if (hook.takes === 'logouts') return { takes: hook.takes, ...signer(base64, 'key in base64') };
  const { takes, signature, currencies } = hook;
  const own =
    signature === 'stripe' ? signer(/^\S{16,256}$/, 'signing secret') : signer(base64, 'key in base64');
  return { ...{ takes, signature }, ...own, currencies: new Map(Object.entries(currencies)) };
}

/** The file of a secret may be what is missing. */
function unread(cause: unknown): string {
  if (cause instanceof SyntaxError) return `this is no JSON: ${cause.message}`;
  const path = systemErrorOf(cause)?.path;
  return `${path === undefined ? '' : `${path}: `}${reasonOf(cause)}`;
}
