// A mint in this process, made from the primitives of cashu-ts, the same package that the product reads tokens with:
// it checks secrets, signatures, sums and fees as NUT-03 says, and fails as it is told to. No socket, no Lightning.
import {
  createBlindSignature,
  createNewMintKeys,
  pointFromHex,
  serializeMintKeys,
  verifyUnblindedSignature,
} from '@cashu/cashu-ts';
import { HttpError, type HttpReply } from '../../../src/http/request.js';
import { amountOf } from '../../../src/payments/cashu/bolt11.js';
import {
  type Keys,
  type Output,
  outputsOf,
  type Proof,
  type Signature,
  tokenOf,
  unblinded,
  yOf,
} from '../../../src/payments/cashu/ecash.js';
import { powersOf } from '../../../src/payments/cashu/split.js';

interface MintKeyset {
  readonly id: string;
  readonly fee: number;
  readonly keys: Keys;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  active: boolean;
}

/** Who pays it may have so much signed. */
interface Invoice {
  readonly amount: number;
  readonly request: string;
  state: 'UNPAID' | 'PAID' | 'ISSUED';
}

/** An invoice that the mint pays. */
interface Payment {
  readonly amount: number;
  readonly reserve: number;
  state: 'UNPAID' | 'PENDING' | 'PAID';
  change: Signature[];
}

/** What goes wrong with one request: it is lost, its answer is lost, the mint is in trouble, or does no such thing. */
export type Fault = 'unheard' | 'unanswered' | 'trouble' | 'unknown';

export const mintAt = 'https://mint.example';

/** Keys of mints, which take long to make. */
const made = new Map<string, ReturnType<typeof createNewMintKeys>>();

function keysOf(seed: number, fee: number): ReturnType<typeof createNewMintKeys> {
  const name = `${seed} ${fee}`;
  const bytes = new Uint8Array(32).fill(seed);
  const keys = made.get(name) ?? createNewMintKeys(11, bytes, { unit: 'sat', input_fee_ppk: fee });
  made.set(name, keys);
  return keys;
}

export class TestMint {
  /** Is asked before each request is heard. */
  fault: (path: string) => Fault | undefined = () => undefined;
  readonly asked: string[] = [];
  readonly #keysets = new Map<string, MintKeyset>();
  /** Secrets, with the Y of each. */
  readonly #spent = new Map<string, string>();
  readonly #signed = new Map<string, Signature>();
  /** Lightning invoices, by the mint's names of them. */
  readonly invoices = new Map<string, Invoice>();
  /** Invoices of others that it was asked to pay, by its names of them. */
  readonly payments = new Map<string, Payment>();
  /** What paying costs, and what is kept ready for that. */
  routing = { fee: 1, reserve: 3 };
  /** Whether an invoice can be paid. */
  route: 'PAID' | 'UNPAID' | 'PENDING' = 'PAID';
  /** Ends the life of invoices, in seconds since 1970. */
  expiry: number | null = null;
  /** What the mint owes to whoever has its proofs. */
  outstanding = 0;
  /** What it has earned. */
  fees = 0;
  #seed = 1;

  constructor(fee = 0) {
    this.rotate(fee);
  }

  /** New keys, by which alone is signed from now on. */
  rotate(fee = 0): void {
    for (const keyset of this.#keysets.values()) keyset.active = false;
    const { keysetId: id, pubKeys, privKeys } = keysOf(this.#seed++, fee);
    const secrets = privKeys as unknown as Record<string, Uint8Array>;
    this.#keysets.set(id, { id, fee, keys: serializeMintKeys(pubKeys), secrets, active: true });
  }

  get keysets(): string[] {
    return [...this.#keysets.keys()];
  }

  /** Proofs that somebody has bought from the mint. */
  issue(amount: number, amounts = powersOf(amount)): Proof[] {
    const outputs = outputsOf(amounts, this.#active.id);
    this.outstanding += amount;
    return outputs.map((output) => unblinded(output, this.#sign(output), this.#active.keys));
  }

  token(amount: number, amounts?: number[]): string {
    return tokenOf(mintAt, 'sat', this.issue(amount, amounts));
  }

  /** The text of an invoice: its amount can be read, and nobody can pay it. */
  invoiceOver(sats: number): string {
    return `lnbc${sats * 10}n1${'q'.repeat(200)}${'0'.repeat(this.invoices.size + 1)}`;
  }

  /** Somebody pays all invoices that are open. */
  payAll(): void {
    for (const one of this.invoices.values()) if (one.state === 'UNPAID') one.state = 'PAID';
  }

  /** Each of these is good, and none is spent. */
  areGood(proofs: readonly Proof[]): boolean {
    return proofs.every((proof) => this.#isGood(proof) && !this.#spent.has(proof.secret));
  }

  isSpent({ secret }: Proof): boolean {
    return this.#spent.has(secret);
  }

  /** Spends proofs, as their owner would anywhere else. */
  spend(proofs: readonly Proof[]): void {
    if (!this.areGood(proofs)) throw new Error('these cannot be spent');
    for (const { secret, amount } of proofs) {
      this.#spent.set(secret, yOf(secret));
      this.outstanding -= amount;
    }
  }

  /** Stands in for `requestJson`. */
  readonly request = async (url: string, _timeoutMs: number, body?: string): Promise<HttpReply> => {
    const path = url.slice(mintAt.length);
    this.asked.push(path);
    const fault = this.fault(path);
    if (fault === 'unknown') return { status: 404, body: undefined };
    if (fault === 'trouble') return { status: 503, body: undefined };
    const reply =
      fault === 'unheard' ? undefined : this.#answer(path, body === undefined ? {} : JSON.parse(body));
    if (fault || !reply) throw new HttpError(new Error('lost'));
    return { ...reply, body: JSON.parse(JSON.stringify(reply.body)) };
  };

  get #active(): MintKeyset {
    return [...this.#keysets.values()].find(({ active }) => active)!;
  }

  #answer(path: string, body: Record<string, unknown>): HttpReply {
    const all = [...this.#keysets.values()];
    if (path === '/v1/keysets') {
      const keysets = all.map(({ id, fee, active }) => ({ id, unit: 'sat', active, input_fee_ppk: fee }));
      return { status: 200, body: { keysets } };
    }
    const [, keyset] = /^\/v1\/keys\/(\w+)$/.exec(path) ?? [];
    if (keyset)
      return {
        status: 200,
        body: { keysets: [{ id: keyset, unit: 'sat', keys: this.#keysets.get(keyset)!.keys }] },
      };
    if (path === '/v1/mint/quote/bolt11') return this.#quote(body.amount as number);
    const quote = /^\/v1\/mint\/quote\/bolt11\/(\w+)$/.exec(path)?.[1];
    if (quote) return this.#quoted(quote);
    if (path === '/v1/mint/bolt11') return this.#issue(String(body.quote), body.outputs as Output[]);
    if (path === '/v1/melt/quote/bolt11') return this.#askMelt(String(body.request));
    const payment = /^\/v1\/melt\/quote\/bolt11\/(\w+)$/.exec(path)?.[1];
    if (payment) return this.#melting(payment);
    if (path === '/v1/melt/bolt11')
      return this.#melt(String(body.quote), body.inputs as Proof[], (body.outputs ?? []) as Output[]);
    if (path === '/v1/swap') return this.#swap(body.inputs as Proof[], body.outputs as Output[]);
    if (path === '/v1/restore') {
      const found = (body.outputs as Output[]).filter(({ B_ }) => this.#signed.has(B_));
      return {
        status: 200,
        body: { outputs: found, signatures: found.map(({ B_ }) => this.#signed.get(B_)) },
      };
    }
    const spent = new Set(this.#spent.values());
    const states = (body.Ys as string[]).map((Y) => ({ Y, state: spent.has(Y) ? 'SPENT' : 'UNSPENT' }));
    return { status: 200, body: { states } };
  }

  #quote(amount: number): HttpReply {
    const quote = `quote${this.invoices.size + 1}`;
    this.invoices.set(quote, { amount, request: this.invoiceOver(amount), state: 'UNPAID' });
    return this.#quoted(quote);
  }

  #quoted(quote: string): HttpReply {
    const invoice = this.invoices.get(quote);
    if (!invoice) return refusal(20000, 'unknown quote');
    const { request, state, amount } = invoice;
    return { status: 200, body: { quote, request, state, amount, unit: 'sat', expiry: this.expiry } };
  }

  #issue(quote: string, outputs: Output[]): HttpReply {
    const invoice = this.invoices.get(quote)!;
    if (invoice.state === 'UNPAID') return refusal(20001, 'Quote is not paid');
    if (invoice.state === 'ISSUED') return refusal(20002, 'Tokens have already been issued');
    if (outputs.some(({ id }) => id !== this.#active.id)) return refusal(12002, 'Keyset is inactive');
    const sum = outputs.reduce((all, { amount }) => all + amount, 0);
    if (sum !== invoice.amount) return refusal(11005, 'Outputs are not what was paid');
    invoice.state = 'ISSUED';
    this.outstanding += sum;
    return { status: 200, body: { signatures: outputs.map((output) => this.#sign(output)) } };
  }

  #askMelt(request: string): HttpReply {
    const id = `melt${this.payments.size + 1}`;
    const amount = Number(amountOf(request)) / 1000;
    this.payments.set(id, { amount, reserve: this.routing.reserve, state: 'UNPAID', change: [] });
    return this.#melting(id);
  }

  #melting(quote: string): HttpReply {
    const payment = this.payments.get(quote);
    if (!payment) return refusal(20000, 'unknown quote');
    const { amount, reserve, state, change } = payment;
    const body = { quote, amount, fee_reserve: reserve, state, expiry: this.expiry };
    return { status: 200, body: state === 'PAID' ? { ...body, change } : body };
  }

  #melt(quote: string, inputs: Proof[], outputs: Output[]): HttpReply {
    const payment = this.payments.get(quote)!;
    if (payment.state === 'PAID') return refusal(20006, 'Invoice already paid');
    if (inputs.some(({ secret }) => this.#spent.has(secret))) return refusal(11001, 'Token already spent');
    if (!inputs.every((one) => this.#isGood(one))) return refusal(10003, 'Proof could not be verified');
    const given = inputs.reduce((all, { amount }) => all + amount, 0);
    const fee = Math.ceil(inputs.reduce((all, { id }) => all + this.#keysets.get(id)!.fee, 0) / 1000);
    if (given - fee < payment.amount + payment.reserve) return refusal(11005, 'Not enough');
    payment.state = this.route;
    if (payment.state !== 'PAID') return this.#melting(quote);
    for (const { secret } of inputs) this.#spent.set(secret, yOf(secret));
    const amounts = powersOf(given - fee - payment.amount - this.routing.fee).slice(0, outputs.length);
    payment.change = amounts.map((amount, at) => this.#sign({ ...outputs[at]!, amount }));
    this.outstanding -= given - amounts.reduce((all, amount) => all + amount, 0);
    return this.#melting(quote);
  }

  #swap(inputs: Proof[], outputs: Output[]): HttpReply {
    if (outputs.some(({ B_ }) => this.#signed.has(B_)))
      return refusal(10002, 'Blinded message already signed');
    if (outputs.some(({ id }) => id !== this.#active.id)) return refusal(12002, 'Keyset is inactive');
    if (inputs.some(({ secret }) => this.#spent.has(secret))) return refusal(11001, 'Token already spent');
    if (!inputs.every((one) => this.#isGood(one))) return refusal(10003, 'Proof could not be verified');
    const sum = (of: readonly { readonly amount: number }[]) =>
      of.reduce((all, { amount }) => all + amount, 0);
    const fee = Math.ceil(inputs.reduce((all, { id }) => all + this.#keysets.get(id)!.fee, 0) / 1000);
    if (sum(inputs) - fee !== sum(outputs)) return refusal(11005, 'Inputs and outputs do not balance');
    for (const { secret } of inputs) this.#spent.set(secret, yOf(secret));
    this.outstanding -= fee;
    this.fees += fee;
    return { status: 200, body: { signatures: outputs.map((output) => this.#sign(output)) } };
  }

  #sign({ id, amount, B_ }: Output): Signature {
    const { C_ } = createBlindSignature(pointFromHex(B_), this.#keysets.get(id)!.secrets[amount]!, id);
    const signature = { id, amount, C_: C_.toHex(true) };
    this.#signed.set(B_, signature);
    return signature;
  }

  #isGood({ id, amount, secret, C }: Proof): boolean {
    const key = this.#keysets.get(id)?.secrets[amount];
    const proof = { C: pointFromHex(C), secret: new TextEncoder().encode(secret), id };
    return key !== undefined && verifyUnblindedSignature(proof, key);
  }
}

function refusal(code: number, detail: string): HttpReply {
  return { status: 400, body: { code, detail } };
}
