// A kernel that notes what it is asked to hold and says what it is told to.
import * as assert from 'uvu/assert';
import type { Held, Hold } from '../../src/domain/hold.js';
import type { Backstop } from '../../src/ports/backstop.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

/** Notes what is held each time it is asked to, with the gates opened by then. */
export class TestBackstop implements Backstop {
  readonly status = { state: 'on', error: '', mended: 0 };
  readonly seen: { holds: Hold[]; commands: number }[] = [];
  held: Held[] = [];
  world: World | undefined;
  holds: () => Iterable<Hold> = () => [];

  async sync(): Promise<void> {
    this.seen.push({ holds: [...this.holds()], commands: this.world?.portal.commands.length ?? 0 });
  }

  async audit(): Promise<readonly Held[]> {
    return this.held;
  }

  async rest(): Promise<void> {}

  get now(): Hold[] {
    return [...this.holds()];
  }
}

/** An engine with one portal, one client and such a kernel. */
export async function ready(): Promise<{ w: World; kernel: TestBackstop }> {
  const kernel = new TestBackstop();
  const w = await world([new TestPortal('lan')], {}, true, (holds) => Object.assign(kernel, { holds }));
  kernel.world = w;
  w.portal.join(mac(1));
  await w.clock.pass(1000);
  return { w, kernel };
}

/** @returns the id of the session that the client has bought. */
export async function sold(w: World, over: Record<string, unknown> = {}): Promise<string> {
  const buying = w.buy(mac(1), { steps: 100, ...over });
  await w.clock.pass(1);
  const result = await buying;
  assert.ok(result.ok);
  return result.value.id;
}
