// Wallet, router, facilitator and chain, each a process of its own, with a proxy on each way between them.

import { privateKeyToAccount } from 'viem/accounts';
import type { Mac } from '../../../../src/domain/mac.js';
import type { Hex } from '../../../../src/payments/wallet/typed-data.js';
import { Scene } from '../../../contracts/scene.js';
import { FacilitatorProcess } from '../../../facilitator/process.js';
import { gasKeys } from '../../../facilitator/shop.js';
import { type Loss, NodeProxy } from '../../../rig/proxy.js';
import { until } from '../../../rig/until.js';
import { type Ordered, Router } from './router.js';

const gasAccount = privateKeyToAccount(gasKeys[0]!).address;

/** From the router to the facilitator, from the router to the node, from the facilitator to the node. */
interface Ways {
  readonly api: NodeProxy;
  readonly node: NodeProxy;
  readonly gas: NodeProxy;
}

/** Who is killed. */
export type Victim = 'router' | 'facilitator';

/**
 * Where a deposit stands still: at a call on one of the ways, before it is carried out or after; or with its transaction
 * sent and in no block.
 */
export type Step = readonly [way: keyof Ways, call: string, loss: Loss] | 'unmined';

/** What the chain has of one deposit after the other: the transactions, and what they paid. */
export interface Marks {
  readonly created: number;
  readonly closed: number;
  /** To the seller, one amount for each payment. */
  readonly paid: bigint[];
}

export class Street {
  readonly scene: Scene;
  readonly facilitator: FacilitatorProcess;
  readonly ways: Ways;
  router!: Router;
  #devices = 0;

  private constructor(scene: Scene, facilitator: FacilitatorProcess, ways: Ways) {
    this.scene = scene;
    this.facilitator = facilitator;
    this.ways = ways;
  }

  static async open(): Promise<Street> {
    const scene = await Scene.start();
    const gas = await NodeProxy.start(scene.chain.url);
    const node = await NodeProxy.start(scene.chain.url);
    const facilitator = new FacilitatorProcess(scene, gas.url);
    await facilitator.start();
    const api = await NodeProxy.start(facilitator.url);
    const street = new Street(scene, facilitator, { api, node, gas });
    street.router = await Router.start(scene, { facilitators: [api.url], rpc: node.url });
    return street;
  }

  /** One that has bought nothing yet. */
  newDevice(): Mac {
    this.#devices += 1;
    return `02:00:00:00:00:${this.#devices.toString(16).padStart(2, '0')}` as Mac;
  }

  /** Acts for one deposit after the other, each as far as its step, where it stands still from then on. */
  async stand(
    steps: readonly Step[],
    orders: readonly Ordered[],
    act: (i: number) => Promise<unknown>,
  ): Promise<void> {
    for (const [i, step] of steps.entries()) {
      const { words } = orders[i]!;
      if (step === 'unmined') await this.scene.chain.rpc('evm_setAutomine', [false]);
      const held = step === 'unmined' ? undefined : this.ways[step[0]].hold(step[1], step[2], words);
      // Who is killed answers nobody.
      void act(i).catch(() => undefined);
      await (held ?? until(`${step} of ${words[0]}`, () => this.#isSent(words)));
    }
  }

  /** Whether the node has a transaction about this, which is in no block. */
  async #isSent(words: readonly string[]): Promise<boolean> {
    const { pending } = await this.scene.chain.rpc<{ pending: object }>('txpool_content');
    return words.some((word) => JSON.stringify(pending).includes(word));
  }

  /** They die with no time to say anything. */
  async kill(victims: readonly Victim[]): Promise<void> {
    const all = { router: this.router.daemon, facilitator: this.facilitator };
    await Promise.all(victims.map((victim) => all[victim].end('SIGKILL')));
  }

  /** They come back, nobody is held any more, and blocks are made. */
  async revive(victims: readonly Victim[]): Promise<void> {
    for (const way of Object.values(this.ways)) way.cut();
    if (victims.includes('facilitator')) {
      await this.facilitator.start();
      this.ways.api.target = this.facilitator.url;
    }
    if (victims.includes('router')) await this.router.daemon.start();
    await this.scene.chain.rpc('evm_setAutomine', [true]);
    await this.scene.chain.mine();
  }

  /** What the chain has of these deposits. */
  async marks(ids: readonly Hex[]): Promise<Marks> {
    const { escrow, token, seller } = this.scene;
    const logsOf = (filter: object) =>
      this.scene.chain.rpc<{ data: string }[]>('eth_getLogs', [{ fromBlock: '0x0', ...filter }]);
    const about = (event: string) => logsOf({ address: escrow.address, topics: [escrow.topic(event), ids] });
    const to = `0x${seller.address.slice(2).toLowerCase().padStart(64, '0')}`;
    const transfers = await logsOf({ address: token.address, topics: [token.topic('Transfer'), null, to] });
    return {
      created: (await about('SessionCreated')).length,
      closed: (await about('SessionClosed')).length,
      paid: transfers.map(({ data }) => BigInt(data)),
    };
  }

  /** Transactions that the facilitator has paid for. */
  async sent(): Promise<number> {
    return Number(await this.scene.chain.rpc('eth_getTransactionCount', [gasAccount, 'latest']));
  }

  async close(): Promise<void> {
    await this.router?.close();
    await this.facilitator.close();
    await Promise.all(Object.values(this.ways).map((way) => way.stop()));
    await this.scene.chain.stop();
  }
}
