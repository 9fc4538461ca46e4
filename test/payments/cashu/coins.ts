// The coins of a mint, made from the primitives of cashu-ts, the same package that the product reads tokens with: keys,
// signatures, and what is spent, checked as NUT-03 says.
import {
  createBlindSignature,
  createNewMintKeys,
  pointFromHex,
  serializeMintKeys,
  verifyUnblindedSignature,
} from '@cashu/cashu-ts';
import type { HttpReply } from '../../../src/http/request.js';
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

/** Whatever is known of coins; what is asked over HTTP is in {@link TestMint}. */
export class CoinMint {
  readonly #keysets = new Map<string, MintKeyset>();
  /** Secrets, with the Y of each. */
  readonly #spent = new Map<string, string>();
  readonly #signed = new Map<string, Signature>();
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
    const outputs = outputsOf(amounts, this.active.id);
    this.outstanding += amount;
    return outputs.map((output) => unblinded(output, this.sign(output), this.active.keys));
  }

  token(amount: number, amounts?: number[]): string {
    return tokenOf(mintAt, 'sat', this.issue(amount, amounts));
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

  protected get active(): MintKeyset {
    return [...this.#keysets.values()].find(({ active }) => active)!;
  }

  /** Answers what is asked of coins alone; undefined for all else. */
  protected answer(path: string, body: Record<string, unknown>): HttpReply | undefined {
    if (path === '/v1/keysets') {
      const all = [...this.#keysets.values()];
      const keysets = all.map(({ id, fee, active }) => ({ id, unit: 'sat', active, input_fee_ppk: fee }));
      return { status: 200, body: { keysets } };
    }
    const [, id = ''] = /^\/v1\/keys\/(\w+)$/.exec(path) ?? [];
    if (id)
      return { status: 200, body: { keysets: [{ id, unit: 'sat', keys: this.#keysets.get(id)!.keys }] } };
    if (path === '/v1/swap') return this.#swap(body.inputs as Proof[], body.outputs as Output[]);
    if (path === '/v1/restore') return this.#restore(body.outputs as Output[]);
    if (path !== '/v1/checkstate') return undefined;
    const spent = new Set(this.#spent.values());
    const states = (body.Ys as string[]).map((Y) => ({ Y, state: spent.has(Y) ? 'SPENT' : 'UNSPENT' }));
    return { status: 200, body: { states } };
  }

  /** Why these cannot be spent. */
  protected faultOf(inputs: readonly Proof[]): HttpReply | undefined {
    if (inputs.some(({ secret }) => this.#spent.has(secret))) return refusal(11001, 'Token already spent');
    const isGood = inputs.every((one) => this.#isGood(one));
    return isGood ? undefined : refusal(10003, 'Proof could not be verified');
  }

  /** What these are worth, less the fee for spending them. */
  protected worthOf(inputs: readonly Proof[]): { readonly worth: number; readonly fee: number } {
    const fee = Math.ceil(inputs.reduce((all, { id }) => all + this.#keysets.get(id)!.fee, 0) / 1000);
    return { worth: sumOf(inputs) - fee, fee };
  }

  protected take(inputs: readonly Proof[]): void {
    for (const { secret } of inputs) this.#spent.set(secret, yOf(secret));
  }

  #swap(inputs: Proof[], outputs: Output[]): HttpReply {
    if (outputs.some(({ B_ }) => this.#signed.has(B_)))
      return refusal(10002, 'Blinded message already signed');
    if (outputs.some(({ id }) => id !== this.active.id)) return refusal(12002, 'Keyset is inactive');
    const fault = this.faultOf(inputs);
    if (fault) return fault;
    const { worth, fee } = this.worthOf(inputs);
    if (worth !== sumOf(outputs)) return refusal(11005, 'Inputs and outputs do not balance');
    this.take(inputs);
    this.outstanding -= fee;
    this.fees += fee;
    return { status: 200, body: { signatures: outputs.map((output) => this.sign(output)) } };
  }

  #restore(outputs: readonly Output[]): HttpReply {
    const found = outputs.filter(({ B_ }) => this.#signed.has(B_));
    const signatures = found.map(({ B_ }) => this.#signed.get(B_));
    return { status: 200, body: { outputs: found, signatures } };
  }

  protected sign({ id, amount, B_ }: Output): Signature {
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

function sumOf(all: readonly { readonly amount: number }[]): number {
  return all.reduce((sum, { amount }) => sum + amount, 0);
}

export function refusal(code: number, detail: string): HttpReply {
  return { status: 400, body: { code, detail } };
}
