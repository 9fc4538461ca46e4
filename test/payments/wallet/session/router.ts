// A router that takes deposits: the daemon as a process, its portal and its bus, on the chain of a scene.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf } from '../../../../packages/simulators/anvil.js';
import { SimulatedPortal } from '../../../../packages/simulators/portal.js';
import type { Wallet } from '../../../../packages/simulators/wallet.js';

import type { Mac } from '../../../../src/domain/mac.js';
import type { JournalRecord } from '../../../../src/domain/record.js';
import type { SessionRequirements } from '../../../../src/payments/wallet/session/requirements.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';
import type { CreateRequest } from '../../../../src/payments/wallet/wire.js';
import { opennds } from '../../../../src/portals/opennds/dialect.js';
import type { Scene } from '../../../contracts/scene.js';

import { network } from '../../../facilitator/shop.js';
import { type DaemonProcess, startProcess } from '../../../rig/daemon.js';
import { until } from '../../../rig/until.js';
import { written } from './written.js';

/** What `purchase`, `session` and the like reply. */
export interface Answer {
  readonly id?: string;
  readonly state?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly [member: string]: unknown;
}

/** A purchase that was signed for: `order` goes to `purchase` as it is, any number of times. */
export interface Ordered {
  readonly mac: Mac;
  readonly sessionId: Hex;
  readonly order: Record<string, unknown>;
  /** One of these is in whatever is sent about it, to anybody. */
  readonly words: readonly string[];
}

/** Where the router's facilitators and node are. */
export interface Places {
  readonly facilitators: readonly string[];
  readonly rpc: string;
}

export class Router {
  readonly portal: SimulatedPortal;
  readonly #scene: Scene;
  readonly #folder: string;
  #daemon: DaemonProcess | undefined;

  private constructor(scene: Scene, folder: string, portal: SimulatedPortal) {
    this.#scene = scene;
    this.#folder = folder;
    this.portal = portal;
  }

  static async start(scene: Scene, places: Places, options: readonly string[] = []): Promise<Router> {
    const folder = mkdtempSync(join(tmpdir(), 'turnpike-'));
    const socket = join(folder, 'ndsctl.sock');
    const portal = new SimulatedPortal(opennds, socket, () => 0.5);
    const router = new Router(scene, folder, portal);
    await portal.start();
    const secrets = `config secret 'escrow'\n\toption key '${keyOf(2)}'\n`;
    router.#daemon = await startProcess(shop(socket, scene, places, options), {
      secrets,
      flushInterval: '1s',
    });
    return router;
  }

  get daemon(): DaemonProcess {
    return this.#daemon!;
  }

  call(method: string, args: Record<string, unknown> = {}): Promise<Answer> {
    return this.daemon.call(method, args as never) as Promise<Answer>;
  }

  /** What a wallet has to sign for so many steps. Asked until the router knows the token. */
  async requirements<R = SessionRequirements>(steps: number, method = 'x402r-session'): Promise<R> {
    type Quoted = R & { readonly extra: { readonly name?: string } };
    const look = async (): Promise<Quoted | undefined> => {
      const { payment } = (await this.call('quote', { plan: 'data', steps })) as unknown as {
        payment?: { method: string; requirements: Quoted }[];
      };
      const asked = payment?.find((way) => way.method === method)?.requirements;
      return asked?.extra.name === undefined ? undefined : asked;
    };
    return (await until('a quote that names the token', look)) as Quoted;
  }

  /** Signs for a device's purchase. */
  async order(wallet: Wallet, mac: Mac, steps: number, signed = steps): Promise<Ordered> {
    const asked = await this.requirements(steps);
    const now = BigInt(Math.floor(Date.now() / 1000));
    const { sessionId, payment } = await wallet.pay(asked, BigInt(signed), now);
    this.join(mac);
    const { salt } = (payment.payload as CreateRequest['paymentPayload']).extensions.session;
    const order = { mac, plan: 'data', steps, payment, idempotency_key: `${mac}-${steps}` };
    return { mac, sessionId, order, words: [sessionId.slice(2), salt.slice(2)] };
  }

  /** A device comes to the portal. */
  join(mac: Mac): void {
    this.portal.join(mac, `10.77.0.${Number.parseInt(mac.slice(-2), 16)}`);
  }

  /** Buys until the deposit is there, as a portal's page would: the same order again and again. */
  async buy(order: Record<string, unknown>): Promise<Answer> {
    const look = async () => {
      const answer = await this.call('purchase', order);
      return answer.error?.code === 'payment_pending' ? undefined : answer;
    };
    return until('the payment', look, () => this.call('deposits'));
  }

  /** Lets a device use so many bytes, and the router hear of them and of all before. */
  async use(mac: Mac, id: string, bytes: number): Promise<void> {
    await this.#session(id, ({ state }) => state === 'active');
    this.carry(mac, bytes);
    await this.heard(id);
  }

  /** Lets a device use so many bytes, whoever counts them. */
  carry(mac: Mac, bytes: number): void {
    if (!this.portal.carry(mac, 0, bytes))
      throw new Error(`the gate of ${mac} is shut: ${this.daemon.log()}`);
  }

  /** Resolves when the router has heard of all that the session's device has used. */
  async heard(id: string): Promise<void> {
    await this.#session(
      id,
      ({ mac, down_bytes }) => Number(down_bytes) === this.portal.served(mac as Mac).down,
    );
  }

  /** Resolves when the router has such a record in its journal. */
  written(is: (record: JournalRecord) => boolean): Promise<void> {
    return written(join(this.daemon.dir, 'state'), is);
  }

  /** The deposit with this id, when it is in this state. */
  deposit(id: Hex, state: string): Promise<Answer> {
    // Blocks come, as on any chain: a payment and a close count when one is on top of them.
    return this.#deposit(id, async (one) => {
      if (one.state !== state) await this.#scene.chain.mine();
      return one.state === state;
    });
  }

  /** The session that a deposit's units went into, when they have. */
  async sessionOf(id: Hex): Promise<string> {
    return String((await this.#deposit(id, ({ session }) => session !== undefined)).session);
  }

  async #deposit(id: Hex, is: (deposit: Answer) => boolean | Promise<boolean>): Promise<Answer> {
    const all = async () => ((await this.call('deposits')) as unknown as { deposits: Answer[] }).deposits;
    const look = async () => {
      const found = (await all()).find((one) => one.id === id);
      return found && (await is(found)) ? found : undefined;
    };
    return until(`the deposit ${id} with ${is}`, look, all);
  }

  async #session(id: string, is: (session: Answer) => boolean): Promise<Answer> {
    const session = () => this.call('session', { id });
    const look = async () => {
      const found = await session();
      return is(found) ? found : undefined;
    };
    return until(`the session ${id} with ${is}`, look, session);
  }

  async close(): Promise<void> {
    await this.#daemon?.close();
    await this.portal.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the router says that a customer gets back, in the token's smallest unit. */
export function refundOf({ refunds }: Answer): number {
  const amounts = (refunds as { amount: string }[]).map(({ amount }) => Math.round(Number(amount) * 1e6));
  return amounts.reduce((a, b) => a + b, 0);
}

function shop(
  socket: string,
  scene: Scene,
  { facilitators, rpc }: Places,
  options: readonly string[],
): string {
  const [first, second] = facilitators;
  const escrow = [
    `facilitator '${first}'`,
    ...(second === undefined ? [] : [`facilitator2 '${second}'`]),
    `rpc '${rpc}'`,
    `network '${network}'`,
    `contract '${scene.escrow.address}'`,
    `token '${scene.token.address}'`,
    `pay_to '${scene.seller.address}'`,
    "currency 'TUSD 6'",
    "confirmations '1'",
    ...options,
  ];
  return `config gateway 'lan'
	option type 'opennds'
	option socket '${socket}'
	option poll_min '100ms'
	option poll_max '200ms'
config plan 'data'
	option title 'By the kilobyte'
	option metric 'bytes'
	option step '1 KiB'
	option max_steps '1000000'
	list price '0.000001 TUSD'
config escrow 'escrow'
	option enabled '1'
${escrow.map((line) => `\t${line.startsWith('list ') ? '' : 'option '}${line}\n`).join('')}`;
}
