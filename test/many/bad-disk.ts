import { rmSync, writeFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { deviceAt } from '../../packages/simulators/device.js';
import type { Mac } from '../../src/domain/mac.js';
import { until } from '../rig/until.js';
import { atRouter, type Scene, stepSize } from './scene.js';

/** What the disk does: each write fails, each write is refused, or no name can be made, as without an inode. */
export const faults = ['EIO', 'EROFS', 'names'] as const;
export type Fault = (typeof faults)[number];

/** Node's flags: calls to the disk fail as a file says. */
export const failingDisk = (state: string) => {
  process.env.FAILING_DISK = state;
  return ['--require', './test/many/failing-disk.cjs'];
};

/** A disk that fails below a router with many sessions, at work and at a start. @returns what is wrong */
export async function onBadDisk(
  plan: { readonly sessions: number; readonly seed: number },
  fault: Fault,
): Promise<string[]> {
  const act = (scene: Scene) => new BadDisk(plan.sessions, fault, scene).run();
  return atRouter(plan, act, failingDisk);
}

const codeOf = (reply: Table) => (reply.error as { code: string } | undefined)?.code;

/** Devices that have no session at first: one reaches its cap, one is closed, one comes too late. */
type Who = 'capped' | 'closed' | 'late';

class BadDisk {
  readonly #wrongs: string[] = [];
  readonly #sessions: number;
  readonly #fault: Fault;
  readonly #scene: Scene;
  readonly #macs: Readonly<Record<Who, Mac>>;

  constructor(sessions: number, fault: Fault, scene: Scene) {
    this.#sessions = sessions;
    this.#fault = fault;
    this.#scene = scene;
    const join = (n: number) => {
      const { mac, ip } = deviceAt(sessions + n);
      scene.portal.join(mac, ip);
      return mac;
    };
    this.#macs = { capped: join(0), closed: join(1), late: join(2) };
  }

  async run(): Promise<string[]> {
    await this.#areActive(this.#sessions);
    const capped = await this.#sold('capped');
    const closed = await this.#sold('closed');
    await this.#atWork(capped, closed);
    await this.#atStart();
    await this.#healed();
    return this.#wrongs;
  }

  /** Nothing is sold; a cap and an order to close hold, and nobody else notices. */
  async #atWork(capped: string, closed: string): Promise<void> {
    const { portal, daemon } = this.#scene;
    this.#break();
    // As long as its newest file has room, a journal needs no further name.
    if (this.#fault !== 'names') await this.#refuses('at work', 'storage_failed');
    portal.carry(this.#macs.capped, 0, 2 * stepSize);
    await daemon.call('close', { id: closed, reason: 'admin' });
    for (const [id, mac] of [
      [capped, this.#macs.capped],
      [closed, this.#macs.closed],
    ] as const) {
      await until(`the gate of ${id} is shut`, () => !portal.isOpen(mac));
      await until(`${id} is over`, async () => /expired|terminated/.test(await this.#stateOf(id)));
    }
    await this.#areActive(this.#sessions);
    if (portal.counts.deauth !== 2) this.#say(`${portal.counts.deauth} gates were shut, and not two`);
  }

  /** It starts all the same, serves all who have paid, and sells nothing. */
  async #atStart(): Promise<void> {
    const { daemon, portal } = this.#scene;
    await daemon.end('SIGKILL');
    await daemon.start();
    // An end that no disk has taken is undone: those two may be there again.
    await this.#areActive(this.#sessions);
    await this.#refuses('at a start', this.#fault === 'names' ? 'storage_full' : 'storage_failed');
    const cut = Array.from({ length: this.#sessions }, (_, n) => deviceAt(n).mac).filter(
      (mac) => !portal.isOpen(mac),
    );
    if (cut.length > 0) this.#say(`${cut.length} customers were cut off`);
  }

  /** It sells again by itself when the disk works, and what it sold is there after a kill. */
  async #healed(): Promise<void> {
    const { daemon } = this.#scene;
    rmSync(`${this.#scene.state}.fault`);
    await until('it sells again', async () => codeOf(await this.#buy('late')) === undefined);
    await until('the journal is well', async () => (await this.#journal()).state === 'ok');
    await daemon.end('SIGKILL');
    await daemon.start();
    await this.#areActive(this.#sessions + 1);
    const { lots } = await daemon.call('session', { mac: this.#macs.late });
    if ((lots as Table[]).length !== 1) this.#say(`the late sale has ${(lots as Table[]).length} lots`);
  }

  async #refuses(when: string, code: string): Promise<void> {
    const { portal } = this.#scene;
    const refused = codeOf(await this.#buy('late'));
    if (refused !== code) this.#say(`${when}: a sale was answered with ${refused}, and not ${code}`);
    if (portal.isOpen(this.#macs.late)) this.#say(`${when}: the gate of a refused sale is open`);
    const { state } = await this.#journal();
    if (state !== (this.#fault === 'names' ? 'full' : 'failed')) this.#say(`${when}: status says ${state}`);
  }

  async #sold(who: 'capped' | 'closed'): Promise<string> {
    const { portal } = this.#scene;
    const { id } = await this.#buy(who);
    await until(`the gate of ${who}`, () => portal.isOpen(this.#macs[who]));
    return String(id);
  }

  #buy(who: Who): Promise<Table> {
    const order = { mac: this.#macs[who], plan: who === 'late' ? 'day' : 'data', steps: 1, gateway: 'lan' };
    const payment = { method: 'cash', reference: who };
    return this.#scene.daemon.call('purchase', { ...order, payment, idempotency_key: who });
  }

  async #areActive(least: number): Promise<void> {
    const { daemon } = this.#scene;
    const active = { state: 'active', limit: 1 };
    await until(`${least} sessions active`, async () => {
      return Number((await daemon.call('sessions', active)).count) >= least;
    });
  }

  async #stateOf(id: string): Promise<string> {
    return String((await this.#scene.daemon.call('session', { id })).state);
  }

  async #journal(): Promise<Table> {
    return (await this.#scene.daemon.call('status')).journal as Table;
  }

  #break(): void {
    writeFileSync(`${this.#scene.state}.fault`, this.#fault);
  }

  #say(what: string): void {
    this.#wrongs.push(`${this.#fault}: ${what}`);
  }
}
