import { getDecodedToken, getEncodedToken, getTokenMetadata, hashToCurve, OutputData } from '@cashu/cashu-ts';

/** Money: whoever knows the secret can spend it once (NUT-00). Amounts are in the smallest unit of the currency. */
export interface Proof {
  /** Of the mint's keyset. */
  readonly id: string;
  readonly amount: number;
  readonly secret: string;
  readonly C: string;
}

/** A proof to be: what the mint is asked to sign blindly, and what makes the signature a proof. */
export interface Output {
  readonly id: string;
  readonly amount: number;
  readonly B_: string;
  readonly r: string;
  readonly secret: string;
}

/** What the mint signed (NUT-00 `BlindSignature`). */
export interface Signature {
  readonly id: string;
  readonly amount: number;
  readonly C_: string;
}

/** The public keys of a keyset, by amount. */
export type Keys = Readonly<Record<string, string>>;

/** What can be read of a token before the mint's keysets are known. */
export interface TokenHead {
  /** As it is written in the token. */
  readonly mint: string;
  readonly unit: string;
  readonly secrets: readonly string[];
  readonly amounts: readonly number[];
}

/** @throws Error when it is no token of version 3 or 4 */
export function headOf(token: string): TokenHead {
  const { mint, unit, incompleteProofs } = getTokenMetadata(token);
  return {
    mint,
    unit,
    secrets: incompleteProofs.map(({ secret }) => secret),
    amounts: incompleteProofs.map(({ amount }) => amount.toNumber()),
  };
}

/** @param keysets of the mint: a token may name them in short. @throws Error when it names another one */
export function proofsOf(token: string, keysets: readonly string[]): Proof[] {
  return getDecodedToken(token, keysets).proofs.map(({ id, amount, secret, C }) => ({
    ...{ id, secret, C },
    amount: amount.toNumber(),
  }));
}

/** A token of these proofs, of version 4 where their keysets allow it. */
export function tokenOf(mint: string, unit: string, proofs: readonly Proof[]): string {
  return getEncodedToken({
    mint,
    unit,
    proofs: proofs as unknown as Parameters<typeof getEncodedToken>[0]['proofs'],
  });
}

/** Fresh outputs of these amounts. */
export function outputsOf(amounts: readonly number[], keyset: string): Output[] {
  return amounts.map((amount) => {
    const { blindedMessage, blindingFactor, secret } = OutputData.createSingleRandomData(amount, keyset);
    return {
      ...{ id: keyset, amount, B_: blindedMessage.B_ },
      r: blindingFactor.toString(16),
      secret: new TextDecoder().decode(secret),
    };
  });
}

/** The proof that a signature makes of its output. @throws Error for a point that is none */
export function unblinded(output: Output, signature: Signature, keys: Keys): Proof {
  const { id, amount, B_, r, secret } = output;
  type Made = ConstructorParameters<typeof OutputData>;
  type Signed = Parameters<OutputData['toProof']>[0];
  const data = new OutputData(
    { id, amount, B_ } as unknown as Made[0],
    BigInt(`0x${r}`),
    new TextEncoder().encode(secret),
  );
  const { C } = data.toProof({ id, amount, C_: signature.C_ } as unknown as Signed, { id, keys });
  return { id, amount, secret, C };
}

/** By which a mint knows a secret (NUT-07). */
export function yOf(secret: string): string {
  return hashToCurve(new TextEncoder().encode(secret)).toHex(true);
}
