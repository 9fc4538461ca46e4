import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anvilFile, keyOf } from '../../../../packages/simulators/anvil.js';
import type { Closed, Outcome, PaymentOrder, SignedUnits } from '../../../../src/domain/deposit-scheme.js';
import { Facilitators } from '../../../../src/payments/wallet/facilitators.js';
import { SessionBackend } from '../../../../src/payments/wallet/session/backend.js';
import type { SessionRequirements } from '../../../../src/payments/wallet/session/requirements.js';
import { Chain } from '../../../../src/payments/wallet/session-chain.js';
import type { Address, Hex } from '../../../../src/payments/wallet/typed-data.js';
import { Scene } from '../../../contracts/scene.js';
import { network, Shop } from '../../../facilitator/shop.js';

export const wares = { units: 1000n, unitPrice: 2n, description: 'test' };

/** A facilitator that says what it is told to. */
export class Stub {
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(500).end();
  };
  asked = 0;
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    this.asked += 1;
    this.answer(request, response);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  does(answer: Stub['answer']): void {
    this.answer = answer;
  }

  says(status: number, body: unknown): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.answer = (_request, response) => response.writeHead(status).end(text);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export let scene: Scene;
export let shop: Shop;
export let stub: Stub;
export let wall = 0;

/** A scene for each test of a file, with a facilitator and a stand-in for one. */
export function counterFor(tests: typeof test): void {
  tests.before(async () => {
    if (anvilFile) scene = await Scene.start();
  });
  tests.before.each(async () => {
    if (!anvilFile) return;
    scene = await Scene.on(scene.chain);
    shop = await Shop.open(scene);
    stub = new Stub();
    await stub.start();
    wall = Number(await scene.chain.now()) * 1000;
  });
  tests.after.each(async () => {
    await shop?.close();
    await stub?.stop();
  });
  tests.after(() => scene?.chain.stop());
}

/** Another scene for the rest of a test, which puts the old one back. */
export function setScene(next: Scene): void {
  scene = next;
}

export interface Change {
  /** For a facilitator that is to be given up. */
  readonly patienceMs?: number;
  readonly rpcUrl?: string;
  readonly chainId?: bigint;
  readonly escrow?: Address;
  readonly decimals?: number;
  readonly logBlocks?: number;
  readonly key?: Hex;
  readonly token?: { readonly name?: string };
}

export function backendOf(urls: readonly string[], change: Change = {}): SessionBackend {
  const { decimals = 6, chainId = 31_337n, key = keyOf(2), token = {}, logBlocks = 1000 } = change;
  const escrow = change.escrow ?? scene.escrow.address;
  const place = { chainId, escrow, rpcUrl: change.rpcUrl ?? scene.chain.url, rpcTimeoutMs: 20_000 };
  const chain = new Chain({ ...place, tokens: { [scene.token.address]: { decimals } }, logBlocks });
  const seller = scene.seller.address.toLowerCase() as Address;
  return new SessionBackend({
    offer: { network, chainId, escrow, token: scene.token.address, seller, duration: 86_400n },
    ...{ currency: 'TUSD', decimals, key, token },
    facilitators: new Facilitators(urls, change.patienceMs ?? 20_000),
    watch: { chain, marginMs: 600_000, finality: 3, wall: () => wall },
  });
}

export interface Bought {
  readonly order: PaymentOrder;
  readonly signed: SignedUnits;
  readonly payment: Record<string, unknown>;
}

export async function pay(backend: SessionBackend, signed = 1000n): Promise<Bought> {
  assert.is(await backend.verify(), '');
  const asked = backend.requirements(wares) as SessionRequirements;
  const { payment } = await scene.buyer.pay(asked, signed, BigInt(wall / 1000));
  const read = await backend.read(payment, wares);
  if (!read.ok) throw new Error(`${read.code}: ${read.message}`);
  return { ...read.value, payment };
}

/** Closes a deposit, which counts when three blocks are on top of it. */
export async function closed(
  backend: Pick<SessionBackend, 'close'>,
  ...[order, opened, signed, units]: Parameters<SessionBackend['close']>
): Promise<Closed> {
  const close = () => backend.close(order, opened, signed, units);
  for (const blocks of [0, 1, 2]) {
    assert.equal(await close(), { kind: 'pending', detail: `${blocks} of 3 blocks on top of the close` });
    await scene.chain.mine();
  }
  return value(await close());
}

/** The kind of an outcome, with its code. */
export const kind = (outcome: Outcome<unknown>) =>
  outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'confirmed') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}
