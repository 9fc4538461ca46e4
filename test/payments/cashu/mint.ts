// A mint in this process, with Lightning that is made up: it checks secrets, signatures, sums and fees, and fails as it is
// told to. No socket.
import { HttpError, type HttpReply } from '../../../src/http/request.js';
import { amountOf } from '../../../src/payments/cashu/bolt11.js';
import type { Output, Proof, Signature } from '../../../src/payments/cashu/ecash.js';
import { powersOf } from '../../../src/payments/cashu/split.js';
import { CoinMint, mintAt, refusal } from './coins.js';

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
  /** What the coins were worth that it was given for that. */
  given: number;
  change: Signature[];
}

/** What goes wrong with one request: it is lost, its answer is lost, the mint is in trouble, or does no such thing. */
export type Fault = 'unheard' | 'unanswered' | 'trouble' | 'unknown';

export class TestMint extends CoinMint {
  /** Is asked before each request is heard. */
  fault: (path: string) => Fault | undefined = () => undefined;
  readonly asked: string[] = [];
  /** Lightning invoices, by the mint's names of them. */
  readonly invoices = new Map<string, Invoice>();
  /** Invoices of others that it was asked to pay, by its names of them. */
  readonly payments = new Map<string, Payment>();
  /** What paying costs, and what is kept ready for that. */
  routing = { fee: 1, reserve: 3 };
  /** Whether an invoice can be paid. */
  route: 'PAID' | 'UNPAID' | 'PENDING' = 'PAID';
  /** Its signatures for change are none. */
  spoilsChange = false;
  /** Ends the life of invoices, in seconds since 1970. */
  expiry: number | null = null;

  /** The text of an invoice: its amount can be read, and nobody can pay it. */
  invoiceOver(sats: number): string {
    return `lnbc${sats * 10}n1${'q'.repeat(200)}${'0'.repeat(this.invoices.size + 1)}`;
  }

  /** Somebody pays all invoices that are open. */
  payAll(): void {
    for (const one of this.invoices.values()) if (one.state === 'UNPAID') one.state = 'PAID';
  }

  /** Stands in for `requestJson`. */
  readonly request = async (url: string, _timeoutMs: number, body?: string): Promise<HttpReply> => {
    const path = url.slice(mintAt.length);
    this.asked.push(path);
    const fault = this.fault(path);
    if (fault === 'unknown') return { status: 404, body: undefined };
    if (fault === 'trouble') return { status: 503, body: undefined };
    const reply =
      fault === 'unheard' ? undefined : this.answer(path, body === undefined ? {} : JSON.parse(body));
    if (fault || !reply) throw new HttpError(new Error('lost'));
    return { ...reply, body: JSON.parse(JSON.stringify(reply.body)) };
  };

  protected override answer(path: string, body: Record<string, unknown>): HttpReply | undefined {
    const ofCoins = super.answer(path, body);
    if (ofCoins) return ofCoins;
    if (path === '/v1/mint/quote/bolt11') return this.#quote(body.amount as number);
    const quote = /^\/v1\/mint\/quote\/bolt11\/(\w+)$/.exec(path)?.[1];
    if (quote) return this.#quoted(quote);
    if (path === '/v1/mint/bolt11') return this.#issue(String(body.quote), body.outputs as Output[]);
    if (path === '/v1/melt/quote/bolt11') return this.#askMelt(String(body.request));
    const payment = /^\/v1\/melt\/quote\/bolt11\/(\w+)$/.exec(path)?.[1];
    if (payment) return this.#melting(payment);
    if (path === '/v1/melt/bolt11')
      return this.#melt(String(body.quote), body.inputs as Proof[], (body.outputs ?? []) as Output[]);
    return undefined;
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
    if (outputs.some(({ id }) => id !== this.active.id)) return refusal(12002, 'Keyset is inactive');
    const sum = outputs.reduce((all, { amount }) => all + amount, 0);
    if (sum !== invoice.amount) return refusal(11005, 'Outputs are not what was paid');
    invoice.state = 'ISSUED';
    this.outstanding += sum;
    return { status: 200, body: { signatures: outputs.map((output) => this.sign(output)) } };
  }

  #askMelt(request: string): HttpReply {
    const id = `melt${this.payments.size + 1}`;
    const amount = Number(amountOf(request)) / 1000;
    this.payments.set(id, { amount, reserve: this.routing.reserve, state: 'UNPAID', given: 0, change: [] });
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
    const fault = this.faultOf(inputs);
    if (fault) return fault;
    const { worth, fee } = this.worthOf(inputs);
    if (worth < payment.amount + payment.reserve) return refusal(11005, 'Not enough');
    payment.state = this.route;
    if (payment.state !== 'PAID') return this.#melting(quote);
    this.take(inputs);
    payment.given = worth;
    const amounts = powersOf(worth - payment.amount - this.routing.fee).slice(0, outputs.length);
    payment.change = amounts.map((amount, at) => ({
      ...this.sign({ ...outputs[at]!, amount }),
      ...(this.spoilsChange && { C_: 'no point' }),
    }));
    this.outstanding -= worth + fee - amounts.reduce((all, amount) => all + amount, 0);
    return this.#melting(quote);
  }
}
